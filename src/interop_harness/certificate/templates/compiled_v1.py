"""What Jinja2 makes of v1/page.html.j2. Written by tests.certificate.compile_page, never by hand."""

# ruff: noqa
# fmt: off
# mypy: ignore-errors
JINJA2 = "3.1.6"
RENDERER = "45b6c09823b0a4644b20902125fb124085cbb8797e8e047ddcb2704e65b0f635"


def build(environment):
    """The members of the compiled template, for ``Template.from_module_dict``."""
    __file__ = "page.html.j2"
    from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
    name = 'page.html.j2'

    def root(context, missing=missing, environment=environment):
        resolve = context.resolve_or_missing
        undefined = environment.undefined
        concat = environment.concat
        cond_expr_undefined = Undefined
        if 0: yield None
        l_0_style_digest = resolve('style_digest')
        l_0_words = resolve('words')
        l_0_p = resolve('p')
        l_0_style = resolve('style')
        l_0_untested = resolve('untested')
        l_0_failures = resolve('failures')
        l_0_unclear = resolve('unclear')
        l_0_levels = resolve('levels')
        l_0_seen = resolve('seen')
        try:
            t_1 = environment.filters['capitalize']
        except KeyError:
            @internalcode
            def t_1(*unused):
                raise TemplateRuntimeError("No filter named 'capitalize' found.")
        try:
            t_2 = environment.filters['default']
        except KeyError:
            @internalcode
            def t_2(*unused):
                raise TemplateRuntimeError("No filter named 'default' found.")
        try:
            t_3 = environment.filters['groups']
        except KeyError:
            @internalcode
            def t_3(*unused):
                raise TemplateRuntimeError("No filter named 'groups' found.")
        try:
            t_4 = environment.filters['join']
        except KeyError:
            @internalcode
            def t_4(*unused):
                raise TemplateRuntimeError("No filter named 'join' found.")
        try:
            t_5 = environment.filters['last_day']
        except KeyError:
            @internalcode
            def t_5(*unused):
                raise TemplateRuntimeError("No filter named 'last_day' found.")
        try:
            t_6 = environment.filters['length']
        except KeyError:
            @internalcode
            def t_6(*unused):
                raise TemplateRuntimeError("No filter named 'length' found.")
        try:
            t_7 = environment.filters['minute']
        except KeyError:
            @internalcode
            def t_7(*unused):
                raise TemplateRuntimeError("No filter named 'minute' found.")
        try:
            t_8 = environment.filters['number']
        except KeyError:
            @internalcode
            def t_8(*unused):
                raise TemplateRuntimeError("No filter named 'number' found.")
        try:
            t_9 = environment.tests['none']
        except KeyError:
            @internalcode
            def t_9(*unused):
                raise TemplateRuntimeError("No test named 'none' found.")
        pass
        yield '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'sha256-'
        yield escape(environment.finalize((undefined(name='style_digest') if l_0_style_digest is missing else l_0_style_digest)))
        yield '\'; base-uri \'none\'; form-action \'none\'">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n<title>'
        yield escape(environment.finalize(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'result')))
        yield ': '
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'profile'), 'title')))
        yield ' '
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'profile'), 'version')))
        yield ', &#8220;'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'implementation'), 'product')))
        yield '&#8221;, '
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'target'), 'environment')))
        yield ' environment; classes claimed: '
        yield escape(environment.finalize((t_4(context.eval_ctx, environment.getattr(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'classes'), 'claimed'), ', ') or 'none')))
        yield '; not claimed: '
        yield escape(environment.finalize((t_4(context.eval_ctx, environment.getattr(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'classes'), 'notClaimed'), ', ') or 'none')))
        yield '</title>\n<style>'
        yield escape(environment.finalize((undefined(name='style') if l_0_style is missing else l_0_style)))
        yield '</style>\n</head>\n<body>\n<main>\n<h1>'
        yield escape(environment.finalize(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'heading')))
        yield '</h1>\n<div class="verdict">\n<p class="result">'
        yield escape(environment.finalize(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'result')))
        yield '</p>\n<p>The product named below is <strong>'
        yield escape(environment.finalize(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'verdict')))
        yield '</strong> with '
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'profile'), 'title')))
        yield ' '
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'profile'), 'version')))
        yield ', as tested in <strong>'
        yield escape(environment.finalize(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'environment')))
        yield '</strong>.</p>\n'
        if (undefined(name='untested') if l_0_untested is missing else l_0_untested):
            pass
            yield '<p><strong>Not tested, although '
            if (t_6((undefined(name='untested') if l_0_untested is missing else l_0_untested)) == 1):
                pass
                yield 'it counts'
            else:
                pass
                yield 'they count'
            yield ': '
            yield escape(environment.finalize(t_4(context.eval_ctx, (undefined(name='untested') if l_0_untested is missing else l_0_untested), ', ')))
            yield '.</strong></p>\n'
        yield '<dl>\n<div><dt>Product, in the signer&#8217;s words</dt><dd>&#8220;<bdi>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'implementation'), 'product')))
        yield '</bdi>&#8221;, version &#8220;<bdi>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'implementation'), 'version')))
        yield '</bdi>&#8221;</dd></div>\n<div><dt>Supplier, in the signer&#8217;s words</dt><dd>&#8220;<bdi>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'implementation'), 'supplier')))
        yield '</bdi>&#8221;</dd></div>\n</dl>\n<p>Classes claimed: '
        yield escape(environment.finalize((t_4(context.eval_ctx, environment.getattr(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'classes'), 'claimed'), ', ') or 'none')))
        yield '. Not claimed: '
        yield escape(environment.finalize((t_4(context.eval_ctx, environment.getattr(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'classes'), 'notClaimed'), ', ') or 'none')))
        yield '.</p>\n'
        if (environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'profile'), 'status') != 'adopted'):
            pass
            yield '<p>The profile is '
            yield escape(environment.finalize(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'status')))
            yield '.</p>\n'
        for l_1_layer in environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'profile'), 'layers'):
            _loop_vars = {}
            pass
            yield '<p>'
            yield escape(environment.finalize(environment.getattr(l_1_layer, 'title')))
            yield ' '
            yield escape(environment.finalize(environment.getattr(l_1_layer, 'version')))
            yield ', an inherited profile '
            if environment.getattr(l_1_layer, 'binding'):
                pass
                yield 'that counts towards this result'
            else:
                pass
                yield 'judged apart'
            yield ': '
            yield escape(environment.finalize(environment.getitem(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'parts'), environment.getattr(l_1_layer, 'verdict'))))
            yield '.</p>\n'
        l_1_layer = missing
        yield '<p class="paper">This printed copy cannot be verified on paper: ask for the file.</p>\n</div>\n<h2>Who says so</h2>\n<p>'
        yield escape(environment.finalize(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'who')))
        yield '</p>\n'
        if ((environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'assurance') == 'first_party') and (environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'issuer'), 'name') != environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'implementation'), 'supplier'))):
            pass
            yield '<p>The name it is signed with is not that of the supplier: somebody else declares this of the supplier&#8217;s product.</p>\n'
        yield '<dl>\n<div><dt>Signed by</dt><dd><bdi>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'issuer'), 'name')))
        yield '</bdi>'
        if (not t_9(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'issuer'), 'companyNumber'))):
            pass
            yield ', company number <bdi>'
            yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'issuer'), 'companyNumber')))
            yield '</bdi>'
        yield '</dd></div>\n'
        if (not t_9(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'signatory'))):
            pass
            yield '<div><dt>Person accountable</dt><dd><bdi>'
            yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'signatory'), 'name')))
            yield '</bdi>, <bdi>'
            yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'signatory'), 'role')))
            yield '</bdi></dd></div>\n'
        if (not t_9(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'operator'))):
            pass
            yield '<div><dt>Tests run by</dt><dd><bdi>'
            yield escape(environment.finalize(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'operator')))
            yield '</bdi></dd></div>\n'
        if (not t_9(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'authorisedBy'))):
            pass
            yield '<div><dt>Tests allowed by</dt><dd><bdi>'
            yield escape(environment.finalize(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'authorisedBy')))
            yield '</bdi></dd></div>\n'
        yield '<div><dt>Signed on</dt><dd><time datetime="'
        yield escape(environment.finalize(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'issuedAt')))
        yield '">'
        yield escape(environment.finalize(t_7(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'issuedAt'))))
        yield '</time>, by the signer&#8217;s own clock</dd></div>\n<div><dt>Valid until</dt><dd><time datetime="'
        yield escape(environment.finalize(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'validUntil')))
        yield '">'
        yield escape(environment.finalize(t_7(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'validUntil'))))
        yield '</time></dd></div>\n</dl>\n<h2>What was tested</h2>\n<dl>\n<div><dt>Product</dt><dd><bdi>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'implementation'), 'product')))
        yield '</bdi>, version <bdi>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'implementation'), 'version')))
        yield '</bdi></dd></div>\n<div><dt>Supplier</dt><dd><bdi>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'implementation'), 'supplier')))
        yield '</bdi></dd></div>\n<div><dt>Address</dt><dd><bdi>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'target'), 'url')))
        yield '</bdi>'
        if (not t_9(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'target'), 'hostUnicode'))):
            pass
            yield ' (the name reads <bdi>'
            yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'target'), 'hostUnicode')))
            yield '</bdi>)'
        yield '</dd></div>\n<div><dt>Environment</dt><dd>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'target'), 'environment')))
        yield '</dd></div>\n'
        if environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'target'), 'addresses'):
            pass
            yield '<div><dt>Network addresses seen</dt><dd>'
            yield escape(environment.finalize(t_4(context.eval_ctx, environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'target'), 'addresses'), ', ')))
            yield '</dd></div>\n'
        if (not t_9(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'target'), 'tls'))):
            pass
            yield '<div><dt>TLS key seen, SHA-256</dt><dd><span class="mono">'
            yield escape(environment.finalize(environment.getattr(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'target'), 'tls'), 'spkiSha256')))
            yield '</span></dd></div>\n'
        yield '<div><dt>Profile</dt><dd>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'profile'), 'title')))
        yield ' ('
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'profile'), 'id')))
        yield '), version '
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'profile'), 'version')))
        yield ', '
        yield escape(environment.finalize(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'status')))
        yield '</dd></div>\n'
        if (not t_9(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'profile'), 'detection'))):
            pass
            yield '<div><dt>How good the tests are</dt><dd>'
            yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'profile'), 'detection')))
            yield ', when the signer&#8217;s copy of them was measured</dd></div>\n'
        if environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'claims'), 'disclaimed'):
            pass
            yield '<div><dt>Declared as not provided</dt><dd>'
            yield escape(environment.finalize(t_4(context.eval_ctx, environment.getattr(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'classes'), 'disclaimed'), ', ')))
            yield '</dd></div>\n'
        yield '<div><dt>Tests run</dt><dd><time datetime="'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'run'), 'startedAt')))
        yield '">'
        yield escape(environment.finalize(t_7(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'run'), 'startedAt'))))
        yield '</time> to <time datetime="'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'run'), 'finishedAt')))
        yield '">'
        yield escape(environment.finalize(t_7(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'run'), 'finishedAt'))))
        yield '</time>: '
        yield escape(environment.finalize(t_8(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'cases'))))
        yield ' cases, '
        yield escape(environment.finalize(t_8(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'run'), 'exchanges'))))
        yield ' requests answered</dd></div>\n<div><dt>Buyer&#8217;s challenge</dt><dd>'
        if t_9(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'challenge')):
            pass
            yield 'none: the run may have been made for anybody, at any time'
        else:
            pass
            yield '<code>'
            yield escape(environment.finalize(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'challenge')))
            yield '</code>'
        yield '</dd></div>\n<div><dt>Ordinary client compared</dt><dd>'
        yield escape(environment.finalize(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'probe')))
        yield '</dd></div>\n</dl>\n'
        if environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'classes'):
            pass
            yield '<table class="classes">\n<caption>Conformance classes</caption>\n<thead><tr><th scope="col">Class</th><th scope="col">Claim</th><th scope="col">Result</th></tr></thead>\n<tbody>\n'
            for l_1_entry in environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'classes'):
                _loop_vars = {}
                pass
                yield '<tr><th scope="row">'
                yield escape(environment.finalize(environment.getattr(l_1_entry, 'title')))
                yield ' <span class="small">'
                yield escape(environment.finalize(environment.getattr(l_1_entry, 'id')))
                if environment.getattr(l_1_entry, 'mandatory'):
                    pass
                    yield ', mandatory'
                yield '</span></th><td>'
                yield escape(environment.finalize(environment.getitem(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'claims'), environment.getattr(l_1_entry, 'claim'))))
                yield '</td><td>'
                yield escape(environment.finalize(t_1(environment.getitem(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'parts'), environment.getattr(l_1_entry, 'verdict')))))
                yield '</td></tr>\n'
            l_1_entry = missing
            yield '</tbody>\n</table>\n'
        yield '<h2>This page cannot prove itself</h2>\n<p class="caution">Anybody can make a page that looks like this one. Rely on it only after checking the file with a tool that you obtained yourself, not from the sender. How to check it is said at the end.</p>\n<h2>What failed</h2>\n'
        if (not (undefined(name='failures') if l_0_failures is missing else l_0_failures)):
            pass
            yield '<p>No requirement failed.</p>\n'
        for l_1_item in (undefined(name='failures') if l_0_failures is missing else l_0_failures):
            _loop_vars = {}
            pass
            yield '<h3>'
            yield escape(environment.finalize(environment.getattr(environment.getattr(l_1_item, 'row'), 'id')))
            yield ': '
            yield escape(environment.finalize(environment.getattr(environment.getattr(l_1_item, 'row'), 'statement')))
            yield '</h3>\n<p><span class="wide">Level: '
            yield escape(environment.finalize(environment.getattr(environment.getattr(l_1_item, 'row'), 'level')))
            yield '</span> <span class="wide">Class: '
            yield escape(environment.finalize(environment.getattr(environment.getattr(l_1_item, 'row'), 'class')))
            yield '</span> '
            if ('layer' in environment.getattr(l_1_item, 'row')):
                pass
                yield '<span class="wide">Profile: '
                yield escape(environment.finalize(environment.getattr(environment.getattr(l_1_item, 'row'), 'layer')))
                yield '</span> '
            yield '<span class="wide">Clause: '
            yield escape(environment.finalize(environment.getattr(environment.getattr(l_1_item, 'row'), 'clause')))
            yield '</span></p>\n<p>'
            yield escape(environment.finalize(environment.getattr(l_1_item, 'effect')))
            if ('reason' in environment.getattr(l_1_item, 'row')):
                pass
                yield ' <bdi>'
                yield escape(environment.finalize(environment.getattr(environment.getattr(l_1_item, 'row'), 'reason')))
                yield '</bdi>'
            yield '</p>\n'
            for l_2_finding in t_2(environment.getattr(environment.getattr(l_1_item, 'row'), 'findings'), []):
                _loop_vars = {}
                pass
                yield '<div class="finding">\n<p><strong>Expected:</strong> <bdi>'
                yield escape(environment.finalize(environment.getattr(l_2_finding, 'expected')))
                yield '</bdi></p>\n<p><strong>Observed:</strong> <bdi>'
                yield escape(environment.finalize(environment.getattr(l_2_finding, 'observed')))
                yield '</bdi></p>\n'
                if environment.getattr(l_2_finding, 'pointer'):
                    pass
                    yield '<p><strong>Where:</strong> <code>'
                    yield escape(environment.finalize(environment.getattr(l_2_finding, 'pointer')))
                    yield '</code></p>\n'
                yield '</div>\n'
            l_2_finding = missing
            if ('moreFindings' in environment.getattr(l_1_item, 'row')):
                pass
                yield '<p>'
                yield escape(environment.finalize(t_8(environment.getattr(environment.getattr(l_1_item, 'row'), 'moreFindings'))))
                yield ' more in the report.</p>\n'
        l_1_item = missing
        if (undefined(name='unclear') if l_0_unclear is missing else l_0_unclear):
            pass
            yield '<h3>What could not be told</h3>\n<ul>\n'
            for l_1_row in (undefined(name='unclear') if l_0_unclear is missing else l_0_unclear):
                _loop_vars = {}
                pass
                yield '<li>'
                yield escape(environment.finalize(environment.getattr(l_1_row, 'id')))
                yield ' ('
                yield escape(environment.finalize(environment.getattr(l_1_row, 'level')))
                yield '): '
                yield escape(environment.finalize(environment.getitem(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'outcomes'), environment.getattr(l_1_row, 'outcome'))))
                if ('reason' in l_1_row):
                    pass
                    yield '. <bdi>'
                    yield escape(environment.finalize(environment.getattr(l_1_row, 'reason')))
                    yield '</bdi>'
                yield '</li>\n'
            l_1_row = missing
            yield '</ul>\n'
        if environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'waivers'):
            pass
            yield '<h2>Waivers</h2>\n<p>A waiver is a buyer&#8217;s own decision to accept a failure until a date. It does not make the requirement met, and another buyer need not accept it.</p>\n'
            for l_1_waiver in environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'waivers'):
                _loop_vars = {}
                pass
                yield '<h3>'
                yield escape(environment.finalize(environment.getattr(l_1_waiver, 'requirementId')))
                yield ': '
                if environment.getattr(l_1_waiver, 'accepted'):
                    pass
                    yield 'waived'
                else:
                    pass
                    yield 'waiver not accepted'
                yield '</h3>\n<dl>\n<div><dt>Reason given</dt><dd><bdi>'
                yield escape(environment.finalize(environment.getattr(l_1_waiver, 'reason')))
                yield '</bdi></dd></div>\n<div><dt>Granted by</dt><dd><bdi>'
                yield escape(environment.finalize(environment.getattr(l_1_waiver, 'granter')))
                yield '</bdi>'
                if (not t_9(environment.getattr(l_1_waiver, 'grantedBy'))):
                    pass
                    yield ' <span class="small mono">'
                    yield escape(environment.finalize(environment.getattr(l_1_waiver, 'grantedBy')))
                    yield '</span>'
                yield '</dd></div>\n<div><dt>Until</dt><dd><time datetime="'
                yield escape(environment.finalize(environment.getattr(l_1_waiver, 'expires')))
                yield '">'
                yield escape(environment.finalize(t_5(environment.getattr(l_1_waiver, 'expires'))))
                yield '</time></dd></div>\n'
                if (not environment.getattr(l_1_waiver, 'accepted')):
                    pass
                    yield '<div><dt>Why not accepted</dt><dd>'
                    yield escape(environment.finalize(environment.getattr(l_1_waiver, 'refusal')))
                    yield '</dd></div>\n'
                yield '</dl>\n'
            l_1_waiver = missing
        yield '<h2>All results</h2>\n<table class="counts">\n<caption>How many requirements ended how</caption>\n<thead><tr><th scope="col">Result</th>'
        for l_1_level in (undefined(name='levels') if l_0_levels is missing else l_0_levels):
            _loop_vars = {}
            pass
            yield '<th scope="col" class="count">'
            yield escape(environment.finalize(l_1_level))
            yield '</th>'
        l_1_level = missing
        yield '</tr></thead>\n<tbody>\n'
        for l_1_outcome in environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'outcomes'):
            _loop_vars = {}
            pass
            yield '<tr><th scope="row">'
            yield escape(environment.finalize(environment.getitem(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'outcomes'), l_1_outcome)))
            yield '</th>'
            for l_2_level in (undefined(name='levels') if l_0_levels is missing else l_0_levels):
                _loop_vars = {}
                pass
                yield '<td class="count">'
                yield escape(environment.finalize(t_8(environment.getitem(environment.getitem(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'summary'), l_2_level), l_1_outcome))))
                yield '</td>'
            l_2_level = missing
            yield '</tr>\n'
        l_1_outcome = missing
        yield '</tbody>\n</table>\n<table class="results">\n<caption>Every requirement of the profile</caption>\n<thead><tr><th scope="col">Requirement</th><th scope="col" class="level">Level</th><th scope="col">Result</th></tr></thead>\n<tbody>\n'
        for l_1_row in environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'results'):
            _loop_vars = {}
            pass
            yield '<tr><th scope="row">'
            yield escape(environment.finalize(environment.getattr(l_1_row, 'id')))
            yield ' <span class="small">'
            yield escape(environment.finalize(environment.getattr(l_1_row, 'statement')))
            yield '</span></th><td class="level">'
            yield escape(environment.finalize(environment.getattr(l_1_row, 'level')))
            yield '</td><td>'
            yield escape(environment.finalize(environment.getitem(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'outcomes'), environment.getattr(l_1_row, 'outcome'))))
            if (environment.getattr(l_1_row, 'attempts') > 1):
                pass
                yield ' <span class="small">on attempt '
                yield escape(environment.finalize(environment.getattr(l_1_row, 'attempts')))
                yield '</span>'
            if ('reason' in l_1_row):
                pass
                yield ' <span class="small">'
                yield escape(environment.finalize(environment.getattr(l_1_row, 'reason')))
                yield '</span>'
            yield '</td></tr>\n'
        l_1_row = missing
        yield '</tbody>\n</table>\n'
        if (undefined(name='seen') if l_0_seen is missing else l_0_seen):
            pass
            yield '<h2>Seen before the tests</h2>\n<dl class="seen">\n'
            for l_1_group in (undefined(name='seen') if l_0_seen is missing else l_0_seen):
                _loop_vars = {}
                pass
                yield '<div><dt>'
                yield escape(environment.finalize(environment.getattr(l_1_group, 'title')))
                yield '</dt><dd>'
                for l_2_line in environment.getattr(l_1_group, 'lines'):
                    _loop_vars = {}
                    pass
                    yield '<span class="line"><strong>'
                    yield escape(environment.finalize(t_4(context.eval_ctx, environment.getattr(l_2_line, 'names'), ', ')))
                    yield '</strong>: '
                    yield escape(environment.finalize(environment.getattr(l_2_line, 'said')))
                    yield '</span> '
                l_2_line = missing
                yield '</dd></div>\n'
            l_1_group = missing
            yield '</dl>\n'
        yield '<h2>What this does not say</h2>\n<ul>\n<li>A signature proves who signed, not that the result is true. '
        if (environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'assurance') == 'first_party'):
            pass
            yield 'The party that signed had an interest in the result; ask for the evidence file, or run the same tests yourself.'
        else:
            pass
            yield 'The evidence file lets anybody judge the same answers again.'
        yield '</li>\n<li>The service may have changed since it was tested, and may behave differently for other clients, data or networks.</li>\n<li>Requirements marked &#8220;'
        yield escape(environment.finalize(environment.getitem(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'outcomes'), 'not-tested')))
        yield '&#8221; were not tested, and those marked &#8220;'
        yield escape(environment.finalize(environment.getitem(environment.getattr((undefined(name='words') if l_0_words is missing else l_0_words), 'outcomes'), 'declared')))
        yield '&#8221; rest on the supplier&#8217;s word.</li>\n'
        for l_1_limit in environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'limitations'):
            _loop_vars = {}
            pass
            yield '<li>Sampled: '
            yield escape(environment.finalize(l_1_limit))
            yield '.</li>\n'
        l_1_limit = missing
        yield '</ul>\n<h2>How to check this file</h2>\n<ol>\n<li>Keep the file as it came. If it was changed in transit, ask the sender for the zip package.</li>\n<li>Ask the signer for the fingerprint of its key by a second way, such as a telephone number you already had, and compare it with the key below.</li>\n<li>Check it with the verifier page of your organisation, or with: <code>interop verify certificate.html --trust STORE --profile '
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'profile'), 'id')))
        yield ' --target '
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'target'), 'url')))
        yield ' --environment '
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'target'), 'environment')))
        yield '</code></li>\n<li>With the evidence file, add <code>--evidence evidence.jsonl.gz</code>: every answer is then judged again.</li>\n</ol>\n<dl>\n<div><dt>Certificate</dt><dd class="mono">'
        yield escape(environment.finalize(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'id')))
        yield '</dd></div>\n<div><dt>Key</dt><dd class="mono">'
        yield escape(environment.finalize(t_3(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'issuer'), 'keyid'))))
        yield '</dd></div>\n<div><dt>Evidence, SHA-256</dt><dd class="mono">'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'evidence'), 'sha256')))
        yield '</dd></div>\n<div><dt>Profile, SHA-256</dt><dd class="mono">'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'profile'), 'sha256')))
        yield '</dd></div>\n<div><dt>Test suite</dt><dd>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'suite'), 'name')))
        yield ' '
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'suite'), 'version')))
        yield ' <span class="small mono">'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'suite'), 'sha256')))
        yield '</span></dd></div>\n</dl>\n<p class="paper">This printed copy cannot be verified on paper. Certificate '
        yield escape(environment.finalize(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'id')))
        yield ', key '
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='p') if l_0_p is missing else l_0_p), 'issuer'), 'keyid')))
        yield '. Ask for the file.</p>\n</main>\n<details class="noprint"><summary>Signature block (for software, not for reading)</summary><pre>\n-----BEGIN CONFORMANCE SIGNATURE V1-----\n-----END CONFORMANCE SIGNATURE V1-----\n</pre></details></body></html>\n'

    blocks = {}
    debug_info = '5=75&8=77&9=91&13=93&15=95&16=97&17=105&18=108&21=118&22=122&24=124&25=128&26=131&28=133&29=137&34=152&35=154&39=158&40=166&41=169&43=173&44=176&46=178&47=181&49=184&50=188&54=192&55=196&56=198&57=206&58=208&59=211&61=213&62=216&64=219&65=227&66=230&68=232&69=235&71=238&72=250&73=259&75=261&80=264&81=268&89=282&92=285&93=289&94=293&95=305&96=312&98=316&99=318&100=320&101=323&105=327&106=330&109=333&112=336&113=340&117=353&120=356&121=360&123=369&124=371&125=379&126=383&127=386&135=391&137=399&138=403&146=415&147=419&151=439&154=442&155=446&161=461&163=468&164=472&165=476&172=480&176=486&177=488&178=490&179=492&180=494&182=500'
    return locals()
