"use strict";
// Checks a conformance certificate with nothing but the browser. Steps carry the numbers of the tool's own
// list; 10 (rendering the page again) and 18 (judging the evidence again) cannot be done here. Text from a file
// reaches the page through textContent alone.
const DATA = JSON.parse(document.getElementById("data").textContent);
const BEGIN = "-----BEGIN CONFORMANCE SIGNATURE V1-----\n";
const END = "-----END CONFORMANCE SIGNATURE V1-----\n";
const SUFFIX = "</pre></details></body></html>\n";
const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const WAIVER_TYPE = "application/vnd.interop-harness.waiver+json";
const MAX_WAIVER = 12000;
const MAX_FILE = 10 * 1024 * 1024;
const MAX_PACKAGE = 32 * 1024 * 1024;
const MAX_PAYLOAD = 4 * 1024 * 1024;
const SKEW = 5 * 60 * 1000;
const DAY = 24 * 60 * 60 * 1000;
const OUTCOMES = ["pass", "fail", "inconclusive", "error", "not-applicable", "observed", "not-tested", "declared"];
const LEVELS = ["MUST", "SHOULD", "MAY"];
const UNSAFE = new RegExp(DATA.unsafe, "u");
const UNCHECKED = [
  "whether the page you can see says what the signed data says",
  "whether the recorded answers lead to this result",
];

class Refused extends Error {
  constructor(exit, code, message) {
    super(message);
    this.exit = exit;
    this.code = code;
  }
}

const refuse = (exit, code, message) => {
  throw new Refused(exit, code, message);
};
const RESEND = " It was changed on its way or edited: ask the sender for the file again, as the zip package.";

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));
const encode = (text) => new TextEncoder().encode(text);

function decode64(text) {
  let binary;
  try {
    binary = atob(text);
  } catch {
    return null;
  }
  if (btoa(binary) !== text) return null;
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

// Canonical JSON (RFC 8785) of what JSON.parse gave; refuses numbers that are not safe integers.
function canonical(value, depth = 0) {
  if (depth > 32) throw new RangeError("too deep");
  if (typeof value === "string" && /\p{Cs}/u.test(value)) throw new RangeError("half a character");
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new RangeError("not an integer");
    return String(value);
  }
  if (Array.isArray(value)) return "[" + value.map((item) => canonical(item, depth + 1)).join(",") + "]";
  const members = Object.keys(value).sort();
  return "{" + members.map((name) => JSON.stringify(name) + ":" + canonical(value[name], depth + 1)).join(",") + "}";
}

function parseCanonical(bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value = JSON.parse(text);
    return canonical(value) === text ? value : null;
  } catch {
    return null;
  }
}

// The part of JSON Schema that the published schema uses; an unknown keyword stops the check.
const KEYWORDS = new Set(("$schema $id $defs title description type const enum required properties additionalProperties "
  + "items prefixItems minItems maxItems minLength maxLength pattern minimum $ref").split(" "));

function fits(value, schema, root) {
  for (const word of Object.keys(schema)) if (!KEYWORDS.has(word)) throw new Error("schema keyword " + word);
  if (schema.$ref) return fits(value, schema.$ref.split("/").slice(1).reduce((node, step) => node[step], root), root);
  const kind = value === null ? "null" : Array.isArray(value) ? "array" : typeof value === "number" ? "integer" : typeof value;
  if (schema.type && ![].concat(schema.type).includes(kind)) return false;
  if ("const" in schema && value !== schema.const) return false;
  if (schema.enum && !schema.enum.includes(value)) return false;
  if (kind === "integer" && "minimum" in schema && value < schema.minimum) return false;
  if (kind === "string") {
    const length = [...value].length;
    if (length < (schema.minLength ?? 0) || length > (schema.maxLength ?? Infinity)) return false;
    if (schema.pattern && !new RegExp(schema.pattern, "u").test(value)) return false;
  }
  if (kind === "object") {
    for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) return false;
    for (const name of Object.keys(value)) {
      const known = schema.properties && Object.hasOwn(schema.properties, name);
      if (!known && schema.additionalProperties === false) return false;
      if (known && !fits(value[name], schema.properties[name], root)) return false;
    }
  }
  if (kind === "array") {
    if (value.length < (schema.minItems ?? 0) || value.length > (schema.maxItems ?? Infinity)) return false;
    const first = schema.prefixItems ?? [];
    for (const [place, item] of value.entries()) {
      const rule = place < first.length ? first[place] : schema.items;
      if (rule === false || (rule && !fits(item, rule, root))) return false;
    }
  }
  return true;
}

// 1: the file
function split(bytes) {
  if (bytes.length > MAX_FILE) refuse(3, "file-too-large", "The file is larger than any certificate.");
  if (!bytes.length) refuse(3, "file-empty", "The file is empty." + RESEND);
  let text = Array.from({ length: Math.ceil(bytes.length / 32768) }, (_, index) =>
    String.fromCharCode(...bytes.subarray(index * 32768, (index + 1) * 32768))).join("");
  if (/^(?:%PDF|\x1f\x8b|\x89PNG)/.test(text))
    refuse(3, "file-not-ascii", "This is not a certificate, which is an HTML file. A PDF or a picture of one proves nothing.");
  if (text.includes("PK\x03\x04")) refuse(3, "package-not-ours", "There is something before the zip package in this file.");
  let changed = false;
  const returns = text.split("\r").length - 1;
  if (returns) {
    const pairs = text.split("\r\n").length - 1;
    if (returns !== pairs || returns !== text.split("\n").length - 1)
      refuse(3, "line-endings-mixed", "Some line endings of the file were changed." + RESEND);
    text = text.replaceAll("\r\n", "\n");
    changed = true;
  }
  if (/[^\n\x20-\x7e]/.test(text)) refuse(3, "file-not-ascii", "The file holds a byte that no certificate has." + RESEND);
  const markers = text.match(/-----(?:BEGIN|END) CONFORMANCE/g) ?? [];
  if (!markers.length) {
    if (text.endsWith("</html>\n") && text.slice(0, 15).toLowerCase() === "<!doctype html>")
      refuse(4, "unsigned", "This page carries no signature: it is not a certificate.");
    refuse(3, "not-a-certificate", "The file is not a certificate, or only a part of one." + RESEND);
  }
  const begin = text.indexOf("\n" + BEGIN), end = text.indexOf("\n" + END);
  if (markers.length !== 2 || begin < 0 || end < begin)
    refuse(3, "signature-block-malformed", "The file does not hold exactly one signature block." + RESEND);
  const start = begin + 1 + BEGIN.length, stop = end + 1;
  if (text.slice(stop + END.length) !== SUFFIX)
    refuse(3, "signature-block-misplaced", "The signature block does not stand at the end of the page." + RESEND);
  const lines = text.slice(start, stop);
  const joined = lines.replaceAll("\n", "");
  const block = decode64(joined);
  if (!block || !block.length || joined.replace(/.{1,76}/g, "$&\n") !== lines)
    refuse(3, "signature-block-malformed", "The signature block is damaged." + RESEND);
  return { core: encode(text.slice(0, start) + text.slice(stop)), block, changed };
}

// 2: the container
function unwrap(block) {
  const text = Array.from(block, (byte) => String.fromCharCode(byte)).join("");
  const shape = new RegExp(
    '^\\{"dsseEnvelope":\\{"payload":"([A-Za-z0-9+/=]+)","payloadType":"([ !#-\\[\\]-~]*)","signatures":\\[([^\\]]*)\\]\\},' +
    '"mediaType":"application/vnd\\.dev\\.sigstore\\.bundle\\.v0\\.3\\+json",' +
    '"verificationMaterial":\\{"publicKey":\\{"hint":"(SHA256:[0-9a-f]{64})"\\}\\}\\}$');
  const match = shape.exec(text);
  if (!match) refuse(3, "bundle-malformed", "The signature block is not of the shape this format has.");
  if (match[2] !== PAYLOAD_TYPE) refuse(3, "payload-type-wrong", "What was signed is something else than a certificate.");
  const one = /^\{"keyid":"(SHA256:[0-9a-f]{64})","sig":"([A-Za-z0-9+/=]{1,1024})"\}$/.exec(match[3]);
  if (!one) refuse(3, "signature-count", "There must be exactly one signature, well formed.");
  if (one[1] !== match[4]) refuse(3, "key-hint-mismatch", "The signature block names two different keys.");
  const payload = decode64(match[1]), signature = decode64(one[2]);
  if (!payload || !signature) refuse(3, "bundle-malformed", "The signature block is damaged.");
  if (payload.length > MAX_PAYLOAD) refuse(3, "payload-too-large", "The signed statement is larger than this page reads.");
  return { payload, signature, keyid: one[1] };
}

// 3 and 4: the key, from the trust store alone, and its signature
const PEM = /^[ \t-\r]*-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END PUBLIC KEY-----[ \t-\r]*$/;
const spki = (pem) => decode64((PEM.exec(pem)?.[1] ?? "").replaceAll(/[\r\n]/g, ""));

function integers(der) {
  // ECDSA signatures are DER; WebCrypto wants r and s as 32 bytes each. Nothing but the one shortest form.
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 72) return null;
  const parts = [];
  let place = 2;
  for (let count = 0; count < 2; count += 1) {
    if (der[place] !== 2) return null;
    const size = der[place + 1];
    const number = der.subarray(place + 2, place + 2 + size);
    if (!size || number.length !== size || number[0] & 0x80) return null;
    if (size > 1 && number[0] === 0 && !(number[1] & 0x80)) return null;
    const digits = number[0] === 0 ? number.subarray(1) : number;
    if (digits.length > 32) return null;
    const padded = new Uint8Array(32);
    padded.set(digits, 32 - digits.length);
    parts.push(padded);
    place += 2 + size;
  }
  return place === der.length ? new Uint8Array([...parts[0], ...parts[1]]) : null;
}

async function verified(entry, envelope, type = PAYLOAD_TYPE) {
  const bytes = spki(entry.public);
  if ("SHA256:" + (await sha256(bytes)) !== entry.keyid) return false;
  const head = encode(`DSSEv1 ${type.length} ${type} ${envelope.payload.length} `);
  const message = new Uint8Array([...head, ...envelope.payload]);
  if (entry.alg === "ed25519") {
    const key = await crypto.subtle.importKey("spki", bytes, { name: "Ed25519" }, false, ["verify"]);
    return crypto.subtle.verify({ name: "Ed25519" }, key, envelope.signature, message);
  }
  const raw = integers(envelope.signature);
  if (!raw) return false;
  const key = await crypto.subtle.importKey("spki", bytes, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, raw, message);
}

// The signer's words in quotation marks that they cannot close, nor seem to close.
const numbered = (code) => `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
const QUOTING = Object.fromEntries(Object.entries(DATA.quoting).map(([name, source]) => [name, new RegExp(source, "gu")]));
const shown = (text) => text.replace(QUOTING.spaces, " ").replace(QUOTING.double, "'")
  .replace(QUOTING.alike, (found) => numbered(found.codePointAt(0)));
const quoted = (text) => `"${shown(text)}"`;
const ofAnother = (p, key) =>
  p.assurance === "first_party" && p.implementation.supplier.toLowerCase() !== key.issuer.name.toLowerCase();

// The words of the tool, for the same things.
function warningsOf(p, key) {
  const said = [];
  if (key.issuer.name !== p.issuer.name)
    said.push(`The certificate calls its issuer ${quoted(p.issuer.name)}, but the key that signed it is, in your trust store, ` +
      `that of ${quoted(key.issuer.name)}. Only the second was checked.`);
  if (ofAnother(p, key))
    said.push(`${quoted(key.issuer.name)} (in your trust store) declares this of a product of ${quoted(p.implementation.supplier)}.`);
  const own = p.target.addresses.filter(isOwnAddress);
  if (own.length && p.target.environment !== "development")
    said.push(`While the tests ran, ${p.target.hostAscii} was the tester's own machine (${own.join(", ")}), not a service that others reach. Look the name up yourself.`);
  return said;
}

function stated(p) {
  const rows = [["issuer", p.issuer.name], ["company number", p.issuer.companyNumber],
    ["person accountable", p.signatory && `${p.signatory.name}, ${p.signatory.role}`],
    ["tests run by", p.operator], ["tests allowed by", p.authorisedBy]];
  return rows.filter((row) => row[1]).map((row) => `${row[0]} ${quoted(row[1])}`).join("; ");
}

function untested(p) {
  const names = p.classes
    .filter((c) => c.verdict === "not-tested" && (c.mandatory || c.claim === "claimed"))
    .map((c) => `${c.title} (${c.id}${c.mandatory ? ", mandatory" : ""})`);
  return names.length ? `Not tested, although ${names.length === 1 ? "it counts" : "they count"}: ${names.join(", ")}.` : "";
}

// A waiver document as the tool reads it, signed or not; null for anything else.
function readWaiver(text) {
  let bytes = decode64(text);
  if (!bytes || bytes.length > MAX_WAIVER) return null;
  while (bytes.at(-1) === 10) bytes = bytes.subarray(0, -1);
  let body = parseCanonical(bytes), envelope = null;
  if (!isObject(body)) return null;
  if ("payload" in body) {
    const one = Array.isArray(body.signatures) && body.signatures.length === 1 ? body.signatures[0] : null;
    if (Object.keys(body).sort().join() !== "payload,payloadType,signatures" || body.payloadType !== WAIVER_TYPE) return null;
    if (!isObject(one) || Object.keys(one).sort().join() !== "keyid,sig" || ![body.payload, one.keyid, one.sig].every(isText)) return null;
    const payload = decode64(body.payload), signature = decode64(one.sig);
    if (!/^SHA256:[0-9a-f]{64}$/.test(one.keyid) || !payload || !signature) return null;
    envelope = { payload, signature, keyid: one.keyid };
    body = parseCanonical(payload);
  }
  if (!isObject(body) || !fits(body, DATA.waiver, DATA.waiver) || !isMoment(body.issued) || !isMoment(body.expires)) return null;
  return { ...body, envelope };
}

// Where the certificate says something else of a waiver than the document it carries.
function contradiction(claimed) {
  const waiver = readWaiver(claimed.document);
  if (!waiver) return "its document cannot be read";
  const said = { id: waiver.id, requirementId: waiver.requirement, grantedBy: waiver.envelope ? waiver.envelope.keyid : null,
    expires: waiver.expires, reason: waiver.reason };
  for (const [name, value] of Object.entries(said)) if (claimed[name] !== value) return `its ${name} is not the document's`;
  return claimed.accepted && !waiver.envelope ? "it is not signed" : null;
}

// Why a waiver changes nothing under this trust store; null when it counts.
async function waiverRefusal(entry, p, keys, now) {
  const waiver = readWaiver(entry.document);
  if (!waiver) return "its document cannot be read";
  if (!waiver.envelope) return "it is not signed";
  const key = keys.find((known) => known.keyid === waiver.envelope.keyid);
  if (!key) return "its signer is not in the trust store";
  if (!(await verified(key, waiver.envelope, WAIVER_TYPE))) return "its signature is not genuine";
  const whose = `the key of ${quoted(key.issuer.name)}`;
  if (key.status === "revoked") return `${whose} was revoked`;
  const barred = notAllowed(key, "grant-waiver", p.profile.id, moment(waiver.issued), whose);
  if (barred) return barred;
  if (now < moment(waiver.issued) || now > moment(waiver.expires)) return `it is not in force on ${day(now)}`;
  const same = waiver.profile === p.profile.id && waiver.supplier === p.implementation.supplier && waiver.product === p.implementation.product;
  return same ? null : "it was granted for another product or profile";
}

const NOT_COUNTED = "the certificate does not count it";
const NOT_NEEDED = "it changes nothing: the requirement did not fail, or does not decide the verdict";

async function judgeWaiver(entry, p, keys, now, needed) {
  const key = keys.find((known) => known.keyid === entry.grantedBy);
  const found = await waiverRefusal(entry, p, keys, now);
  const refused = needed ? found ?? (entry.accepted ? null : NOT_COUNTED + (entry.refusal && `: ${quoted(entry.refusal)}`)) : NOT_NEEDED;
  const granter = key ? `${quoted(key.issuer.name)} (in your trust store)` : "a key not in your trust store";
  const text = `${entry.requirementId}: ` +
    (refused ? `NOT ACCEPTED${needed ? " by your trust store" : ""}: ${refused}` : "accepted by your trust store") +
    `. Granted by ${granter} until ${day(moment(entry.expires) - 1000)}, for the reason ${quoted(entry.reason)}.`;
  return { text, requirement: entry.requirementId, counts: refused === null };
}

const moment = (text) => {
  const value = Date.parse(text);
  return new Date(value).toISOString().replace(".000Z", "Z") === text ? value : NaN;
};

function isMoment(text) {
  try {
    return /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && !Number.isNaN(moment(text));
  } catch {
    return false;
  }
}

// The trust store, taken only where the tool takes it: what cannot be read as meant must not decide whom to trust.
const MAX_STORE = 4 * 1024 * 1024;
const STORE = ["type", "name", "version", "issued", "expires", "keys", "profiles", "revokedCertificates"];
const KEY = ["keyid", "alg", "public", "issuer", "roles", "profiles", "validFrom", "validUntil", "status", "revokedAt",
  "compromisedSince", "verifiedBy"];
const STATUSES = ["active", "retired", "revoked"];
const GET_ANOTHER = " Get the file again from whoever keeps it; nothing is checked until then.";

// JSON as the tool reads it: no member twice in one object, no number but whole ones, names in ASCII.
function strictly(text) {
  const value = JSON.parse(text);
  const open = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}]|-?[0-9][0-9.eE+-]*/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (token.endsWith(":")) {
      const name = JSON.parse(token.slice(0, -1));
      if (open.at(-1).has(name))
        refuse(2, "trust-store-malformed", `It is not a trust store: the member ${quoted(name.slice(0, 80))} occurs twice in one object. Take one of the two out; readers differ on which of them counts.`);
      if (/[^\x00-\x7f]/.test(name)) throw new RangeError("a name that is not ASCII");
      open.at(-1).add(name);
    } else if (token[0] !== '"' && !/^-?[0-9]+$/.test(token)) throw new RangeError("not an integer");
  }
  const packed = canonical(value);
  if (packed.split(/[[{]/).length > 60001 || packed.split(",").length > 400001) throw new RangeError("too many members");
  return value;
}

// Edwards curve of RFC 8032, section 5.1. Under a point of small order one signature fits every message.
const P = 2n ** 255n - 19n;
const mod = (number) => ((number % P) + P) % P;
function power(base, exponent) {
  let found = 1n;
  for (let square = mod(base), left = exponent; left > 0n; left >>= 1n, square = mod(square * square))
    if (left & 1n) found = mod(found * square);
  return found;
}
const D = mod(-121665n * power(121666n, P - 2n));

// What is wrong with the 32 bytes of an Ed25519 key: a code and words, or null.
function unfit(bytes) {
  const number = BigInt("0x" + hex(Uint8Array.from(bytes).reverse()));
  const sign = number >> 255n;
  let y = number & (2n ** 255n - 1n);
  const spelt = ["key-not-canonical", "is not encoded in its one canonical form"];
  if (y >= P) return spelt;
  const [u, v] = [mod(y * y - 1n), mod(D * y * y + 1n)];
  let x = mod(u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n));
  if (mod(v * x * x) === mod(-u)) x = mod(x * power(2n, (P - 1n) / 4n));
  if (mod(v * x * x) !== u) return ["key-not-on-curve", "is not a point of the curve"];
  if (x === 0n && sign) return spelt;
  if ((x & 1n) !== sign) x = P - x;
  for (let times = 0; times < 3; times += 1) {
    const product = mod(D * x * x * y * y);
    [x, y] = [mod(2n * x * y * power(1n + product, P - 2n)), mod((y * y + x * x) * power(1n - product, P - 2n))];
  }
  return x === 0n && y === 1n ? ["key-small-order", "is of small order: anybody can sign with it"] : null;
}

const isText = (value) => typeof value === "string";
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isTexts = (value) => Array.isArray(value) && value.every(isText);
const isDigest = (value) => isText(value) && /^[0-9a-f]{64}$/.test(value);
const hasOnly = (value, members) => isObject(value) && canonical(Object.keys(value).sort()) === canonical(members);

async function checkKey(entry, place) {
  const wrong = (message, code = "trust-store-malformed") => refuse(2, code, `Key ${place + 1} of the trust store ${message}.${GET_ANOTHER}`);
  if (!hasOnly(entry, [...KEY].sort())) wrong("has missing or unknown members");
  if (!isText(entry.public) || !isText(entry.keyid)) wrong("has no key or no id");
  const bytes = spki(entry.public);
  if (!bytes?.length) wrong("is not one PEM public key", "key-not-public-pem");
  const head = hex(bytes.subarray(0, bytes.length === 44 ? 12 : 27));
  if (bytes.length === 44 && head === "302a300506032b6570032100") {
    const fault = unfit(bytes.subarray(12));
    if (fault) wrong(fault[1], fault[0]);
    if (entry.alg !== "ed25519") wrong("does not have the algorithm it says", "key-mislabelled");
  } else if (bytes.length === 91 && head === "3059301306072a8648ce3d020106082a8648ce3d03010703420004") {
    const point = { name: "ECDSA", namedCurve: "P-256" };
    await crypto.subtle.importKey("spki", bytes, point, false, ["verify"]).catch(() => wrong("is not a point of the curve", "key-unreadable"));
    if (entry.alg !== "ecdsa-p256-sha256") wrong("does not have the algorithm it says", "key-mislabelled");
  } else wrong("is neither an Ed25519 nor an ECDSA P-256 key in its one form", "key-algorithm-refused");
  if ("SHA256:" + (await sha256(bytes)) !== entry.keyid) wrong("does not have the id it says", "key-mislabelled");
  if (!hasOnly(entry.issuer, ["companyNumber", "name"]) || !isText(entry.issuer.name)
    || !(entry.issuer.companyNumber === null || isText(entry.issuer.companyNumber)))
    wrong("has an issuer that is not a name and a company number (a text, or null)");
  const named = `(${quoted(entry.issuer.name)})`;
  if (!isTexts(entry.roles)) wrong(`${named} has roles that are not a list of texts`);
  const strange = entry.roles.find((role) => !Object.hasOwn(DATA.roles, role));
  if (strange !== undefined) wrong(`${named} has the unknown role ${quoted(strange)}; there are ${Object.keys(DATA.roles).join(", ")}`);
  const purposes = new Set(entry.roles.map((role) => (role.startsWith("publish-") ? "publish" : role.split(":")[0])));
  if (purposes.size > 1) wrong(`${named} has roles of two kinds; a key has one purpose`, "key-two-purposes");
  if (!isTexts(entry.profiles)) wrong(`${named} has profiles that are not a list of texts`);
  if (!STATUSES.includes(entry.status)) wrong(`${named} has the unknown status ${quoted(String(entry.status))}; there are ${STATUSES.join(", ")}`);
  for (const name of ["validFrom", "validUntil", "revokedAt", "compromisedSince"])
    if (entry[name] !== null && !isMoment(entry[name]))
      wrong(`${named} has the ${name} ${quoted(String(entry[name]))}, which is not a date as the store writes them (2026-12-31T23:59:59Z)`);
  if (!isText(entry.verifiedBy)) wrong(`${named} has a verifiedBy that is not a text`);
}

async function checkStore(value) {
  const wrong = (message, code = "trust-store-malformed") => refuse(2, code, message + GET_ANOTHER);
  if (!hasOnly(value, [...STORE].sort()) || value.type !== "trust-store/v1")
    wrong("It is not a trust store of version 1, or it is damaged: members are missing or unknown. Choose the trust store of your own organisation (a .json file).");
  if (!isText(value.name)) wrong("The name of the trust store is not a text.");
  if (!Number.isSafeInteger(value.version) || value.version < 1) wrong("The version of the trust store is not a whole number from 1.");
  for (const name of ["issued", "expires"])
    if (!(name === "expires" && value[name] === null) && !isMoment(value[name]))
      wrong(`The trust store says ${name} ${quoted(String(value[name]))}, which is not a date as the store writes them (2026-12-31T23:59:59Z).`);
  for (const name of ["keys", "profiles", "revokedCertificates"])
    if (!Array.isArray(value[name])) wrong(`What the trust store has as ${name} is not a list.`);
  for (const [place, entry] of value.keys.entries()) await checkKey(entry, place);
  const seen = new Set();
  for (const entry of value.keys) {
    if (seen.has(entry.keyid)) wrong(`The trust store lists a key twice: ${entry.keyid}, of ${quoted(entry.issuer.name)}. It cannot be told which of the two counts.`, "key-listed-twice");
    seen.add(entry.keyid);
  }
  for (const [place, entry] of value.profiles.entries()) {
    if (!hasOnly(entry, ["id", "requirementsSha256", "sha256", "version"]) || !isText(entry.id) || !isText(entry.version))
      wrong(`Profile ${place + 1} in the trust store lacks its id, version, digest or digest of requirements, or has something beside them.`);
    if (!isDigest(entry.sha256) || !(entry.requirementsSha256 === null || isDigest(entry.requirementsSha256)))
      wrong(`Profile ${place + 1} in the trust store, ${quoted(entry.id)}, has a digest that is not 64 digits and letters from a to f.`);
  }
  if (!isTexts(value.revokedCertificates)) wrong("What the trust store has as revokedCertificates is not a list of texts.");
  return value;
}

// A publisher's store, in the tool's words and by its rules (trust/files.py, trust/store.py): its signature counts when
// the reader's own store lists the key with a role to publish, and what it says goes no further than that key may.
const STORE_TYPE = "application/vnd.interop-harness.trust-store+json";
const SIGNED = "This is the signed trust store of a publisher";
const isSigned = (text) => text.trimStart().startsWith('{"payload":');

async function readSigned(bytes, own) {
  const damaged = () => refuse(2, "trust-store-unreadable", SIGNED + ", and it is damaged or was cut short." + GET_ANOTHER);
  while (bytes.at(-1) === 10) bytes = bytes.subarray(0, -1);
  const body = parseCanonical(bytes);
  const one = isObject(body) && Array.isArray(body.signatures) && body.signatures.length === 1 ? body.signatures[0] : null;
  if (!one || Object.keys(body).sort().join() !== "payload,payloadType,signatures") damaged();
  if (!isObject(one) || Object.keys(one).sort().join() !== "keyid,sig" || ![body.payload, body.payloadType, one.keyid, one.sig].every(isText)) damaged();
  const payload = decode64(body.payload), signature = decode64(one.sig);
  if (!/^SHA256:[0-9a-f]{64}$/.test(one.keyid) || !payload || !signature) damaged();
  if (body.payloadType !== STORE_TYPE) refuse(2, "trust-store-wrong-type", "This is a signed file of another kind than a trust store.");
  const key = own?.keys.find((entry) => entry.keyid === one.keyid);
  if (!key || !key.roles.some((role) => role.startsWith("publish-")) || key.status === "revoked")
    refuse(2, "trust-store-unknown-publisher", own
      ? `${SIGNED}. It names the key ${one.keyid}, which your own store does not trust to publish, so nothing in it was checked. After comparing that key's fingerprint by a second way, have it listed with the role publish-trust.`
      : `${SIGNED}, and nothing in it can be checked without your own store, which says whether you trust that publisher. Load your own store first, then this one.`);
  if (!(await verified(key, { payload, signature }, STORE_TYPE)))
    refuse(2, "trust-store-forged", `${SIGNED}, and it was changed after it was signed, or somebody else than ${quoted(key.issuer.name)} signed it.${GET_ANOTHER}`);
  let value = null;
  try {
    strictly(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload));
    value = parseCanonical(payload);
  } catch (error) {
    if (error instanceof Refused) throw error;
  }
  if (!value) damaged();
  await checkStore(value);
  if (value.expires === null) refuse(2, "trust-store-without-expiry", SIGNED + ", and it says no expiry date." + GET_ANOTHER);
  if ((key.validFrom && value.issued < key.validFrom) || (key.validUntil && value.issued > key.validUntil))
    refuse(2, "trust-store-unknown-publisher", `${SIGNED}. It was issued on ${value.issued.slice(0, 10)}, outside the dates you trust its publisher for.`);
  return { store: published(value, key), key, value };
}

// Patterns that both allow: `*` at the end stands for any ending.
const matches = (pattern, profile) => (pattern.endsWith("*") ? profile.startsWith(pattern.slice(0, -1)) : pattern === profile);
const within = (wide, narrow) =>
  narrow.endsWith("*") ? wide.endsWith("*") && narrow.slice(0, -1).startsWith(wide.slice(0, -1)) : matches(wide, narrow);
const common = (first, second) =>
  [...new Set(first.flatMap((one) => second.flatMap((other) => (within(one, other) ? [other] : within(other, one) ? [one] : []))))];
const mayNotPublish = (roles) => roles.filter((role) => !role.startsWith("publish-"));

// What of a store counts, given what its signer may publish. A key counts for the profiles of its publisher only;
// revocations count whoever publishes them.
const EVERYWHERE = ["*"];

function published(store, publisher) {
  const notes = [];
  const revokedKeys = store.keys.filter((entry) => entry.status === "revoked").map((entry) => entry.keyid);
  const still = revokedKeys.length ? "; those that it revokes are revoked" : "";
  const scope = publisher.profiles.includes("*") ? EVERYWHERE : publisher.profiles;
  const bounded = store.keys.map((entry) => ({ ...entry, profiles: common(entry.profiles, publisher.profiles), roles: mayNotPublish(entry.roles), scope }));
  let keys = bounded.filter((entry) => entry.profiles.length);
  let left = bounded.filter((entry) => !entry.profiles.length && entry.status !== "revoked").length;
  if (!publisher.roles.includes("publish-trust")) {
    if (store.keys.length)
      notes.push(`The keys in ${store.name} do not count: ${publisher.issuer.name} may publish profiles only${still}.`);
    [keys, left] = [[], 0];
  }
  if (left)
    notes.push(`${left} of the keys in ${store.name} ${left === 1 ? "does" : "do"} not count: ${publisher.issuer.name} is trusted for the profiles ${publisher.profiles.join(", ")} only.`);
  const listed = publisher.roles.includes("publish-profile") ? store.profiles : [];
  const profiles = listed.filter((entry) => publisher.profiles.some((pattern) => matches(pattern, entry.id)));
  if (profiles.length !== store.profiles.length)
    notes.push(`Profiles listed in ${store.name} do not count: ${publisher.issuer.name} is not trusted to publish them (publish-profile).`);
  return { ...store, keys, profiles, notes, revokedKeys };
}

// A publisher's store without what it says of a profile otherwise than the reader's own.
function uncontradicted(store, own) {
  const says = (entry, other) => entry.sha256 === other.sha256 && (entry.requirementsSha256 === null
    || other.requirementsSha256 === null || entry.requirementsSha256 === other.requirementsSha256);
  const kept = store.profiles.filter((entry) => {
    const listed = own.profiles.filter((other) => other.id === entry.id && other.version === entry.version);
    return !listed.length || listed.some((other) => says(entry, other));
  });
  if (kept.length === store.profiles.length) return store;
  const names = [...new Set(store.profiles.filter((entry) => !kept.includes(entry)).map((entry) => `${entry.id} ${entry.version}`))].sort().join(", ");
  const note = `What ${store.name} lists as ${names} does not count: your own store lists another content under that name.`;
  return { ...store, profiles: kept, notes: [...store.notes, note] };
}

// The reader's own store laid over a publisher's: it adds, or restricts. A key in both gets what both allow, for the
// profiles that the publisher is trusted for; `also` holds what counts for some profiles only.
function overlay(base, own) {
  const given = (pick, dates) => dates.filter((date) => date !== null).sort().at(pick) ?? null;
  const worse = (...statuses) => STATUSES[Math.max(...statuses.map((status) => STATUSES.indexOf(status)))];
  const everywhere = (entry) => (entry.scope ?? EVERYWHERE).includes("*") && !entry.also;
  const together = (entry, mine) => {
    const roles = mayNotPublish(mine.roles);
    if (worse(entry.status, mine.status) === "revoked") return { ...mine, roles, status: "revoked" };
    if (!everywhere(entry) || !everywhere(mine)) return { ...mine, roles, also: [...(mine.also ?? []), entry] };
    return {
      ...mine,
      roles: entry.roles.filter((role) => mine.roles.includes(role)),
      profiles: common(entry.profiles, mine.profiles),
      validFrom: given(-1, [entry.validFrom, mine.validFrom]),
      validUntil: given(0, [entry.validUntil, mine.validUntil]),
      status: worse(entry.status, mine.status),
    };
  };
  const mine = new Map(own.keys.map((entry) => [entry.keyid, entry]));
  const theirs = new Set(base.keys.map((entry) => entry.keyid));
  const revokedKeys = [...(base.revokedKeys ?? []), ...(own.revokedKeys ?? [])];
  const keys = [...base.keys.map((entry) => (mine.has(entry.keyid) ? together(entry, mine.get(entry.keyid)) : entry)),
    ...own.keys.filter((entry) => !theirs.has(entry.keyid)).map((entry) => ({ ...entry, roles: mayNotPublish(entry.roles) }))];
  return {
    type: base.type, name: `${base.name} and ${own.name}`, version: base.version,
    issued: given(-1, [base.issued, own.issued]), expires: given(0, [base.expires, own.expires]),
    keys: keys.map((entry) => (revokedKeys.includes(entry.keyid) ? { ...entry, status: "revoked" } : entry)),
    profiles: [...base.profiles, ...own.profiles],
    revokedCertificates: [...base.revokedCertificates, ...own.revokedCertificates],
    notes: [...new Set([...base.notes, ...(own.notes ?? [])])],
    revokedKeys,
  };
}

// A store from the bytes of a file.
async function readStore(bytes, own) {
  if (bytes.length > MAX_STORE) refuse(2, "trust-store-unreadable", "The file is too large to be a trust store." + GET_ANOTHER);
  let text = "", value = null;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (isSigned(text))
      return await readSigned(bytes, own).catch((error) => {
        error.ofPublisher = true;
        throw error;
      });
    value = strictly(text);
  } catch (error) {
    if (error instanceof Refused) throw error;
    refuse(2, "trust-store-unreadable", "It is not a trust store or was cut short. Choose the trust store of your own organisation (a .json file)." + GET_ANOTHER);
  }
  return { store: await checkStore(value) };
}

// 5: the statement
function read(payload) {
  const value = parseCanonical(payload);
  if (!value || Array.isArray(value) || !fits(value, DATA.schema, DATA.schema))
    refuse(3, "payload-malformed", "The signed statement is malformed.");
  const text = new TextDecoder().decode(payload);
  if (UNSAFE.test(text) || /(?<!\\)(?:\\\\)*\\[^"\\]/.test(text))
    refuse(3, "payload-hidden-text", "The signed statement holds invisible or reordering characters.");
  const p = value.predicate;
  const dates = [p.issuedAt, p.notBefore, p.validUntil, p.run.startedAt, p.run.finishedAt, ...p.waivers.map((w) => w.expires)];
  for (const date of dates) {
    let known = NaN;
    try {
      known = moment(date);
    } catch {
      known = NaN;
    }
    if (Number.isNaN(known) || date < "1970" || date >= "9999") refuse(3, "payload-malformed", "The signed statement holds a date that does not exist.");
  }
  return value;
}

// 7: what the key may sign, by every listing of it that reaches the profile
const saidOf = (key, profile) =>
  [key, ...(key.also ?? [])].filter((one) => (one.scope ?? EVERYWHERE).some((pattern) => matches(pattern, profile)));

function notAllowed(key, role, profile, at, whose = "its key") {
  const said = saidOf(key, profile);
  for (const one of said.length ? said : [key]) {
    const barred = barredBy(one, role, profile, at, whose);
    if (barred) return barred;
  }
  return null;
}

function barredBy(key, role, profile, at, whose) {
  if (!key.roles.includes(role)) return `${whose} is not trusted for ${role}, ${DATA.roles[role]}`;
  if (!key.profiles.some((pattern) => matches(pattern, profile))) return `${whose} is not trusted for this profile`;
  if (key.status === "retired" && !key.validUntil) return `${whose} is retired, and the trust store does not say since when`;
  if (key.validFrom && at < Date.parse(key.validFrom)) return `${whose} was not valid yet`;
  if (key.validUntil && at > Date.parse(key.validUntil)) {
    if (key.status === "retired") return `${whose} was retired on ${second(Date.parse(key.validUntil))}, and this is dated ${second(at)}`;
    return `${whose} was no longer valid`;
  }
  return null;
}

// 12 and 13: what follows from the rows
async function catalogue(p) {
  const value = {
    id: p.profile.id, version: p.profile.version, title: p.profile.title, status: p.profile.status,
    classes: p.classes.map((c) => [c.id, c.title, c.mandatory]),
    layers: p.profile.layers.map((l) => [l.id, l.version, l.title, l.binding, l.sha256]),
    requirements: p.results.map((r) => [r.id, r.level, r.class, r.layer ?? "", r.statement, r.clause]),
  };
  return sha256(encode(canonical(value)));
}

function part(rows) {
  const outcomes = new Set(rows.filter((row) => row.level === "MUST").map((row) => row.outcome));
  for (const [found, word] of [["fail", "not-conformant"], ["error", "error"], ["inconclusive", "inconclusive"]])
    if (outcomes.has(found)) return word;
  return rows.some((row) => row.outcome === "pass") ? "conformant" : "not-tested";
}

function over(rows, waived) {
  const musts = rows.filter((row) => row.level === "MUST");
  if (musts.some((row) => row.outcome === "fail" && !waived.has(row.id))) return "not-conformant";
  if (rows.some((row) => row.outcome === "error")) return "error";
  if (musts.some((row) => row.outcome === "inconclusive")) return "inconclusive";
  return musts.some((row) => row.outcome === "pass") ? "conformant" : "inconclusive";
}

const binding = (classes) => new Set(classes.filter((c) => c.mandatory || c.claim === "claimed").map((c) => c.id));

function deciding(p) {
  const counted = binding(p.classes);
  const binds = new Set(p.profile.layers.filter((layer) => layer.binding).map((layer) => layer.id));
  return p.results.filter((row) => (!("layer" in row) || binds.has(row.layer)) && counted.has(row.class));
}

// The requirements whose failure decides: of these alone a waiver can change anything.
const failures = (p) => new Set(deciding(p).filter((row) => row.level === "MUST" && row.outcome === "fail").map((row) => row.id));

function recomputed(p, waived) {
  const rows = deciding(p);
  const strict = over(rows, new Set());
  if (!["pass", "not-run"].includes(p.clientIdentity.disguisedProbe)) return strict === "not-conformant" ? "NOT_CONFORMANT" : null;
  if (strict === "not-conformant")
    return over(rows, waived) === "conformant" ? "CONFORMANT_WITH_WAIVERS" : "NOT_CONFORMANT";
  if (p.results.some((row) => row.outcome === "error")) return null;
  return strict === "conformant" ? "CONFORMANT" : null;
}

function checkRows(p) {
  for (const entry of p.waivers) {
    const wrong = contradiction(entry);
    if (wrong) refuse(3, "waiver-misrepresented", `A waiver is not what the certificate says: ${wrong}.`);
  }
  const waived = new Set(p.waivers.filter((w) => w.accepted).map((w) => w.requirementId));
  if (recomputed(p, waived) !== p.verdict) refuse(3, "verdict-does-not-follow", "The verdict does not follow from the results.");
  for (const level of LEVELS)
    for (const outcome of OUTCOMES)
      if (p.results.filter((r) => r.level === level && r.outcome === outcome).length !== p.summary[level][outcome])
        refuse(3, "counts-do-not-follow", "The counts do not follow from the results.");
  for (const row of p.results) {
    const unfit = row.outcome === "pass" ? "reason" in row || "findings" in row : row.outcome !== "fail" && "findings" in row;
    if (unfit || ("moreFindings" in row && !("findings" in row)))
      refuse(3, "results-inconsistent", "A requirement carries words that its result cannot have.");
  }
  const known = new Set(p.classes.map((c) => c.id));
  if (known.size !== p.classes.length || p.results.some((r) => !("layer" in r) && !known.has(r.class)))
    refuse(3, "classes-inconsistent", "The results name a class that the certificate does not list.");
  for (const c of p.classes) {
    if (c.verdict !== part(p.results.filter((r) => r.class === c.id)))
      refuse(3, "verdict-does-not-follow", "The verdict of a class does not follow from the results.");
    if (c.mandatory && c.claim !== "claimed")
      refuse(3, "claims-inconsistent", "The certificate leaves a class out that cannot be left out.");
  }
  for (const [claim, name] of [["claimed", "claimed"], ["disclaimed", "disclaimed"], ["not-claimed", "notClaimed"]]) {
    const ids = p.classes.filter((c) => c.claim === claim).map((c) => c.id).sort();
    if (canonical(ids) !== canonical(p.claims[name]))
      refuse(3, "claims-inconsistent", "The claims and the classes of the certificate disagree.");
  }
  const layers = new Map(p.profile.layers.map((layer) => [layer.id, layer.verdict]));
  if (layers.size !== p.profile.layers.length || layers.has(p.profile.id))
    refuse(3, "layers-inconsistent", "The certificate lists an inherited profile twice, or the profile itself.");
  if (p.results.some((r) => "layer" in r && !layers.has(r.layer)))
    refuse(3, "layers-inconsistent", "The results name an inherited profile that the certificate does not list.");
  for (const [name, verdict] of layers)
    if (verdict !== part(p.results.filter((r) => r.layer === name)))
      refuse(3, "verdict-does-not-follow", "The verdict of an inherited profile does not follow from the results.");
}

// A decoded host name as the tool writes it (certificate/text.py): what could hide or reorder text is shown by its number.
function visible(text) {
  const unsafe = new RegExp(UNSAFE.source, "gu");
  let shown = [...text].slice(0, 4800).join("");
  for (let before = null; before !== shown; ) {
    before = shown;
    shown = before.replace(unsafe, (found) => numbered(found.codePointAt(0)));
  }
  const letters = [...shown];
  return letters.length > 600 ? letters.slice(0, 596).join("") + " ..." : shown;
}

// Punycode (RFC 3492), to check how the signed data says that a host reads.
function fromPunycode(text) {
  const at = text.lastIndexOf("-");
  const out = [...text.slice(0, Math.max(at, 0))];
  let [n, i, bias, place] = [128, 0, 72, at + 1];
  while (place < text.length) {
    const before = i;
    for (let weight = 1, k = 36; ; k += 36) {
      const code = text.charCodeAt(place);
      place += 1;
      const digit = code >= 97 && code < 123 ? code - 97 : code >= 48 && code < 58 ? code - 22 : NaN;
      if (Number.isNaN(digit)) return null;
      i += digit * weight;
      const threshold = Math.min(Math.max(k - bias, 1), 26);
      if (digit < threshold) break;
      weight *= 36 - threshold;
    }
    let delta = before === 0 ? Math.floor(i / 700) : Math.floor((i - before) / 2);
    delta += Math.floor(delta / (out.length + 1));
    bias = 0;
    while (delta > 455) {
      delta = Math.floor(delta / 35);
      bias += 36;
    }
    bias += Math.floor((36 * delta) / (delta + 38));
    n += Math.floor(i / (out.length + 1));
    i %= out.length + 1;
    if (!(n <= 0x10ffff)) return null;
    // Half of a pair is shown by its number at once: two of them would join to another character here.
    out.splice(i, 0, n >= 0xd800 && n < 0xe000 ? numbered(n) : String.fromCodePoint(n));
    i += 1;
  }
  return out.join("");
}

// An address in its one spelling, by the rules of the tool (certificate/address.py) and not by those of browsers,
// which would turn 2130706433 into 127.0.0.1 and %2e%2e into a step up. null for what is no address of an endpoint.
function address(text) {
  const match = /^(https?):\/\/([^/?#@]*)([^?#]*)$/i.exec(text.trim());
  if (!match) return null;
  const scheme = match[1].toLowerCase();
  const place = /^(\[[^\]]*\]|[^:]*)(?::([0-9]*))?$/.exec(match[2]);
  if (!place || Number(place[2] ?? 0) > 65535) return null;
  let host = place[1].toLowerCase().replace(/\.+$/, "");
  try {
    if (/[^\x00-\x7f]/.test(host)) host = new URL(`http://${host}/`).hostname.replace(/\.+$/, "");
    if (host.startsWith("[")) new URL(`http://${host}/`);
  } catch {
    return null;
  }
  const path = dotless(match[3]).replace(/\/+$/, "");
  if (!/^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/.test(host)) return null;
  if (!/^(?:\/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*$/.test(path)) return null;
  const port = place[2] ? Number(place[2]) : null;
  return `${scheme}://${host}${port === null || port === { http: 80, https: 443 }[scheme] ? "" : ":" + port}${path}`;
}

// RFC 3986, section 5.2.4.
function dotless(path) {
  if (!path.includes("/.")) return path;
  const kept = [];
  for (const segment of path.split("/").slice(1)) {
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
  }
  return "/" + kept.join("/");
}

const hostOf = (normal) => /^https?:\/\/(\[[^\]]*\]|[^:/]*)/.exec(normal)[1].replace(/^\[|\]$/g, "");

// The number of an IPv4 address as resolvers read it: one to four parts, decimal, octal or hexadecimal. null for none.
function version4(host) {
  const parts = host.split(".");
  if (parts.length > 4 || !parts.every((part) => /^(?:0x[0-9a-f]{1,8}|0[0-7]{0,11}|[1-9][0-9]{0,9})$/.test(part))) return null;
  const numbers = parts.map((part) => parseInt(part, part.startsWith("0x") ? 16 : part[0] === "0" ? 8 : 10));
  const last = numbers.pop();
  if (numbers.some((number) => number > 255) || last >= 256 ** (4 - numbers.length)) return null;
  return numbers.reduce((sum, number, place) => sum + number * 256 ** (3 - place), 0) + last;
}

// Whether a host is the machine that asks, in whatever spelling.
function isOwn(host) {
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  const own4 = (number) => [0, 127].includes(Math.floor(number / 2 ** 24));
  const number = version4(host);
  if (number !== null) return own4(number);
  if (!host.includes(":")) return false;
  const [left, right] = new URL(`http://[${host}]/`).hostname.slice(1, -1).split("::").map((half) => half.split(":").filter(Boolean));
  const gap = right ? Array.from({ length: 8 - left.length - right.length }, () => "0") : [];
  const groups = [...left, ...gap, ...(right ?? [])].map((group) => parseInt(group, 16));
  const low = groups[6] * 65536 + groups[7];
  const empty = (count) => groups.slice(0, count).every((group) => group === 0);
  if (empty(6)) return low <= 1 || own4(low);
  if (empty(5) && groups[5] === 0xffff) return own4(low);
  return groups[0] === 0x2002 && own4(groups[1] * 65536 + groups[2]);
}

const isOwnAddress = (text) => {
  try {
    return isOwn(text);
  } catch {
    return false;
  }
};

// How good the tests are said to be: figures in the one form that the tool writes, which can be true together.
function isMeasured(text, p) {
  const tail = `; figures of suite digest ${p.suite.sha256.slice(0, 12)}, profile version ${p.profile.version}`;
  const N = "(0|[1-9][0-9]{0,2}(?:,[0-9]{3}){0,3})";
  const shape = new RegExp(`^This suite catches ${N} of ${N} known faults of this profile \\(${N} excused\\), ` +
    `(?:${N} of ${N} conforming variants wrongly failed|no conforming variant judged)$`);
  const match = text.endsWith(tail) ? shape.exec(text.slice(0, -tail.length)) : null;
  if (!match) return false;
  const [caught, total, excused, wrongly, judged] = match.slice(1).map((found) => (found === undefined ? null : Number(found.replaceAll(",", ""))));
  return Math.max(caught, total, excused, wrongly ?? 0, judged ?? 0) <= 1e9 && caught + excused <= total
    && (judged === null || (judged > 0 && wrongly <= judged));
}

function checkTarget(target) {
  const normal = address(target.url);
  const host = normal === null ? null : hostOf(normal);
  if (normal !== target.url || host !== target.hostAscii)
    refuse(3, "target-malformed", "The address in the certificate is not spelt in its one form.");
  if (isOwn(host) && target.environment !== "development")
    refuse(3, "target-malformed", "The certificate calls a program on the tester's own machine a service of others.");
  if (!target.addresses.every((found) => /^[0-9a-fA-F:.]{2,45}(?:%[0-9A-Za-z_.-]{1,20})?$/.test(found)))
    refuse(3, "target-malformed", "The certificate names no address where the service's addresses must stand.");
  let reads = null;
  if (host.includes("xn--"))
    reads = visible(host.split(".").map((label) => (label.startsWith("xn--") ? fromPunycode(label.slice(4)) ?? label : label)).join("."));
  if (reads !== target.hostUnicode)
    refuse(3, "target-malformed", "The certificate hides or misstates how the host name reads.");
}

// 18, as far as it goes without the evidence: nobody chooses what is sampled
async function checkSeed(p) {
  if (p.challenge !== null) return; // compared in step 13
  const dotted = p.target.url.replace(/^(https?:\/\/[^/:[]+)/, "$1.");
  for (const place of [p.target.url, dotted])
    if (p.seed === (await sha256(encode(`interop-harness seed v1\n${p.profile.sha256}\n${place}`)))) return;
  refuse(3, "seed-does-not-follow", "The tests were not drawn from the profile and the address on the certificate: the seed was chosen.");
}

// 16: dates
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

function day(at) {
  const date = new Date(at);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

const second = (at) => `${day(at)} at ${new Date(at).toISOString().slice(11, 19)} UTC`;
const minute = (at) => `${day(at)} at ${new Date(at).toISOString().slice(11, 16)} UTC`;

function checkDates(p, key, now) {
  const [issued, begins] = [moment(p.issuedAt), moment(p.notBefore)];
  let ends = moment(p.validUntil);
  if (ends - begins > 366 * DAY || begins < issued - SKEW)
    refuse(3, "validity-malformed", "The certificate claims to be valid for longer than certificates may be.");
  if (Math.max(issued, begins) > now + SKEW) refuse(5, "not-yet-valid", "The certificate is dated in the future.");
  if (moment(p.run.startedAt) > moment(p.run.finishedAt)) refuse(3, "dates-inconsistent", "The tests ended before they began.");
  if (moment(p.run.finishedAt) > issued + SKEW) refuse(3, "dates-inconsistent", "It was signed before its tests had ended.");
  for (const one of saidOf(key, p.profile.id))
    if (one.status === "active" && one.validUntil) ends = Math.min(ends, Date.parse(one.validUntil));
  if (now > ends) refuse(5, "expired", `The certificate expired on ${day(ends)}. Ask the supplier for a new one.`);
}

// 17: expectations
const letters = (text) => text.replaceAll(/[\s-]/g, "").toLowerCase();
const plain = (text) => text.split(/\s+/).filter(Boolean).join(" ").toLowerCase();

function checkExpectations(p, expect) {
  if (expect.supplier && plain(expect.supplier) !== plain(p.implementation.supplier))
    refuse(6, "expected-supplier", "It is for another supplier.");
  if (expect.product && plain(expect.product) !== plain(p.implementation.product))
    refuse(6, "expected-product", "It is for another product.");
  if (expect.target) {
    const wanted = address(expect.target);
    if (wanted === null) refuse(2, "expectation-unusable", "The address you expect is not the address of a service.");
    if (wanted !== p.target.url) refuse(6, "expected-target", `It is for ${p.target.url}, not ${wanted}.`);
  }
  if (expect.profile && expect.profile !== p.profile.id) refuse(6, "expected-profile", `It is for the profile ${p.profile.id}.`);
  if (expect.environment && expect.environment !== p.target.environment)
    refuse(6, "expected-environment", `It was tested in the ${p.target.environment} environment.`);
  if (p.target.environment === "development" && !expect.environment)
    refuse(6, "expected-environment", "It was tested on a development endpoint, which proves nothing of a service.");
  if (expect.challenge && !letters(expect.challenge))
    refuse(2, "expectation-unusable", "What stands as your challenge has no letters in it. Type the challenge you sent, or leave the field empty.");
  if (expect.challenge && letters(expect.challenge) !== letters(p.challenge ?? ""))
    refuse(6, "expected-challenge", "The tests were not made with your challenge.");
  // As `interop challenge new` prints a challenge there is one spelling of it; of others a supplier could try several.
  if (expect.challenge && p.challenge !== expect.challenge.trim() && !/^[a-z2-7]{8}(?:-[a-z2-7]{8}){3}$/.test(p.challenge))
    refuse(6, "expected-challenge", `The tests were made with another spelling of your challenge, ${quoted(p.challenge)}, and what was asked follows from the spelling: the supplier may have tried several. Type it letter by letter as you sent it.`);
  const ranks = ["first_party", "second_party", "third_party"];
  if (expect.assurance && ranks.indexOf(p.assurance) < ranks.indexOf(expect.assurance))
    refuse(6, "expected-assurance", "It is worth less than you expect: see who issued it.");
}

// The e-mail package: three stored files in one order, and not a byte besides. As in the tool, what is read is
// written again and must give the same bytes: local headers, central directory, sizes and check sums.
const NAMES = ["certificate.html", "certificate.sigstore.json", "evidence.jsonl.gz"];
const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes) {
  let value = 0xffffffff;
  for (let place = 0; place < bytes.length; place += 1) value = CRC[(value ^ bytes[place]) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

// Numbers as little-endian bytes: pairs of a width (2 or 4) and a value.
const packed = (...pairs) => pairs.flatMap(([width, value]) => Array.from({ length: width }, (_, place) => (value >>> (8 * place)) & 255));

function unpackage(bytes) {
  const refused = () => refuse(3, "package-not-ours", "This zip is not a package made by `interop sign --zip`, or it was changed on its way.");
  const same = (place, expected) => expected.every((byte, offset) => bytes[place + offset] === byte);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts = [], directory = [];
  let place = 0;
  for (const name of NAMES) {
    if (place + 30 + name.length > bytes.length) refused();
    const size = view.getUint32(place + 18, true);
    const start = place + 30 + name.length;
    if (start + size > bytes.length) refused();
    const part = bytes.subarray(start, start + size);
    const common = packed([2, 20], [2, 0], [2, 0], [2, 0], [2, 33], [4, crc32(part)], [4, size], [4, size], [2, name.length], [2, 0]);
    if (!same(place, [0x50, 0x4b, 3, 4, ...common, ...encode(name)])) refused();
    directory.push(0x50, 0x4b, 1, 2, ...packed([2, (3 << 8) | 20]), ...common,
      ...packed([2, 0], [2, 0], [2, 0], [4, (0o100644 << 16) >>> 0], [4, place]), ...encode(name));
    parts.push(part);
    place = start + size;
  }
  const end = packed([2, 0], [2, 0], [2, NAMES.length], [2, NAMES.length], [4, directory.length], [4, place], [2, 0]);
  const tail = [...directory, 0x50, 0x4b, 5, 6, ...end];
  if (bytes.length !== place + tail.length || !same(place, tail)) refused();
  return parts;
}

async function verify(bytes, store, now, expect) {
  const notes = [...(store?.notes ?? [])];
  let predicate = null, key = null;
  try {
    // 0
    if (store instanceof Refused) throw store;
    if (!store) refuse(2, "trust-store-missing", "Whom do you trust? Give a trust store first.");
    if (now < Date.parse(store.issued) - SKEW) refuse(7, "clock-behind-trust-store", "The clock of this computer is behind the trust store.");
    if (store.expires && now > Date.parse(store.expires) + 30 * DAY) refuse(7, "trust-store-expired", "The trust store expired: it may lack revocations.");
    if (store.expires && now > Date.parse(store.expires)) notes.push("The trust store expired. Get the current one.");
    // 1 and 2
    const parts = bytes[0] === 0x50 && bytes[1] === 0x4b ? unpackage(bytes) : [bytes];
    const file = split(parts[0]);
    if (parts.length > 1 && !(parts[1].length === file.block.length && parts[1].every((byte, place) => byte === file.block[place])))
      refuse(3, "package-inconsistent", "The files in the package do not belong together.");
    if (file.changed) notes.push("The line endings were changed in transit, and nothing else.");
    const envelope = unwrap(file.block);
    // 3 and 4
    key = store.keys.find((entry) => entry.keyid === envelope.keyid) ?? null;
    if (!key) refuse(4, "signer-unknown", "Nobody in your trust store signed this file, so nothing it says can be relied on. Ask the organisation that is said to have signed it for its key, by a second way such as a telephone number you already had. Never trust a key because a file names it.");
    if (!(await verified(key, envelope))) refuse(3, "signature-invalid", "The signature does not belong to this file." + RESEND);
    // 5 and 6
    const statement = read(envelope.payload);
    const p = (predicate = statement.predicate);
    if (p.issuer.keyid !== key.keyid) refuse(3, "issuer-key-mismatch", "The certificate names another key than the one that signed it.");
    // 7
    const barred = notAllowed(key, "sign:" + p.assurance, p.profile.id, moment(p.issuedAt));
    if (barred) refuse(4, "signer-not-authorised", "The signer may not issue this: " + barred + ".");
    // 8
    if ((await sha256(file.core)) !== statement.subject[0].digest.sha256) refuse(3, "page-changed", "The page is not the one that was signed." + RESEND);
    if (statement.subject[1].digest.sha256 !== p.evidence.sha256) refuse(3, "evidence-digest-inconsistent", "The certificate names two different evidence files.");
    // 11 and 12
    const listed = store.profiles.filter((e) => e.id === p.profile.id && e.version === p.profile.version && e.sha256 === p.profile.sha256);
    if (!listed.length) refuse(7, "profile-unknown", "The trust store does not list this profile with this content: it may be a weakened copy.");
    const bound = listed.map((entry) => entry.requirementsSha256).filter((entry) => entry !== null);
    if (new Set(bound).size > 1)
      refuse(7, "profile-contradicted", `The trust store lists the requirements of the profile ${p.profile.id} ${p.profile.version} in two ways. Ask whoever keeps it which of them is right.`);
    const names = p.results.map((row) => row.id);
    if (names.some((name, place) => place && name <= names[place - 1])) refuse(3, "results-repeated", "A requirement stands in the results twice, or out of order.");
    const digest = await catalogue(p);
    if (digest !== p.profile.requirementsSha256) refuse(3, "results-incomplete", "The results are not the requirements the certificate says it has.");
    if (bound.length && bound[0] !== digest) refuse(3, "results-incomplete", "The results are not the requirements of the profile.");
    // 13
    checkRows(p);
    if (p.challenge !== null && p.seed !== (await sha256(encode("interop-harness seed v1\n" + p.challenge))))
      refuse(3, "seed-does-not-follow", "The tests were not drawn from the challenge that the certificate names.");
    if (!/^(?:[0-9]{1,3}(?:\.[0-9]{1,3}){1,2}(?:(?:a|b|rc)[0-9]{1,3})?\+?)?$/.test(p.harness.python))
      refuse(3, "harness-malformed", "The certificate names no version of Python where one must stand.");
    if (!/^[a-z][a-z0-9._-]{0,60}$/.test(p.suite.name) || !/^[0-9][0-9A-Za-z.!+-]{0,60}$/.test(p.suite.version))
      refuse(3, "harness-malformed", "The certificate names no suite and version where these must stand.");
    checkTarget(p.target);
    if (p.profile.detection !== null && !isMeasured(p.profile.detection, p))
      refuse(3, "detection-malformed", "The certificate says of its tests what no measurement says.");
    // 15
    if (key.status === "revoked") refuse(5, "key-revoked", "The signer's key was revoked: nothing it signed counts.");
    if (store.revokedCertificates.includes(p.id)) refuse(5, "certificate-revoked", "This certificate was revoked.");
    // 16 and 17
    checkDates(p, key, now);
    checkExpectations(p, expect);
    await checkSeed(p);
    const ended = moment(p.run.finishedAt);
    if (now - ended > 366 * DAY)
      notes.push(`The tests ended on ${day(ended)}, more than a year ago: the service may have changed since. Ask for new ones.`);
    if (p.challenge !== null && !expect.challenge)
      notes.push(`The tests were drawn from the challenge ${quoted(p.challenge)}. If neither you nor another buyer sent it, the supplier chose it, and with it what was sampled. If it is yours, type it under what you expect.`);
    if (!expect.target || !expect.profile) notes.push("You did not say for which address and profile: compare them yourself.");
    notes.push("The time of signing is the signer's own claim.");
    if (!bound.length && p.verdict !== "NOT_CONFORMANT")
      refuse(7, "requirements-unknown", "The trust store does not say which requirements the profile has: one that failed may have been left out.");
    const waivers = [];
    const failed = failures(p);
    for (const entry of p.waivers) {
      waivers.push(await judgeWaiver(entry, p, store.keys, now, failed.has(entry.requirementId)));
      const known = store.keys.find((one) => one.keyid === entry.grantedBy);
      if (entry.accepted && known && known.issuer.name !== entry.granter)
        notes.push(`The certificate says that ${quoted(entry.granter)} granted a waiver; your trust store calls that key ${quoted(known.issuer.name)}.`);
    }
    const all = { predicate, key, notes, warnings: warningsOf(p, key), waivers: waivers.map((waiver) => waiver.text) };
    const gaps = untested(p) && " " + untested(p);
    if (p.verdict === "CONFORMANT") return { exit: 0, code: "checked-pass", message: "The result signed is a pass." + gaps, ...all };
    if (p.verdict === "NOT_CONFORMANT") return { exit: 1, code: "checked-fail", message: "The result signed is a fail." + gaps, ...all };
    // One waiver that counts is enough for a failure, whoever else waived it; of what did not fail none is needed.
    const lifted = new Set(waivers.filter((waiver) => waiver.counts).map((waiver) => waiver.requirement));
    if (![...failed].every((name) => lifted.has(name)))
      return { exit: 1, code: "waiver-not-accepted", message: "The result is a fail: a waiver is not accepted by your trust store." + gaps, ...all };
    return { exit: 1, code: "checked-waivers", message: "The result signed is a pass with waivers." + gaps, ...all };
  } catch (error) {
    if (error instanceof Refused) return { exit: error.exit, code: error.code, message: error.message, predicate, key, notes };
    return { exit: 7, code: "browser-cannot", message: "This browser cannot check the file. Use a newer one, or the tool.", predicate: null, key: null, notes };
  }
}

// The page
const HEADINGS = {
  0: "Nothing wrong found: pass", 1: "Nothing wrong found, but not a pass", 2: "Not checked", 3: "Do not rely on this file",
  4: "Not signed by anybody you trust", 5: "Not valid now", 6: "Not what you expected", 7: "Cannot be told",
};
const PARTIES = {
  first_party: "the supplier's own declaration", second_party: "a buyer's assessment", third_party: "an independent assessment",
};
const RESULTS = { CONFORMANT: "Pass", CONFORMANT_WITH_WAIVERS: "Pass with waivers", NOT_CONFORMANT: "Fail" };
const element = (name, text) => {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  return made;
};
const byId = (name) => document.getElementById(name);

const titled = (p, names) =>
  names.map((name) => `${p.classes.find((entry) => entry.id === name)?.title ?? name} (${name})`).join(", ") || "none";

// Failed requirements in words, the first twenty as the tool does.
function failedRows(p) {
  const failed = p.results.filter((row) => row.outcome === "fail");
  const rows = failed.slice(0, 20).map((row) => ["Failed", `${row.id} (${row.level}): ${row.statement}`]);
  if (failed.length > 20) rows.push(["Failed", `and ${failed.length - 20} more`]);
  return rows.length ? rows : [["Failed", "nothing"]];
}

function show(result) {
  const box = byId("outcome");
  const parts = [element("h2", result.code === "waiver-not-accepted" ? "A fail: a waiver is not accepted" : HEADINGS[result.exit]), element("p", result.message)];
  const next = DATA.next[{ "checked-fail": "genuine-fail", "checked-waivers": "genuine-pass-with-waivers" }[result.code] ?? result.code];
  if (next) parts.push(element("p", "What to do now: " + next));
  for (const warning of result.warnings ?? []) parts.push(element("p", "Take care: " + warning));
  const p = result.predicate;
  if (p && [0, 1, 5, 6].includes(result.exit)) {
    const list = element("dl");
    const party = ofAnother(p, result.key) ? "a declaration about another supplier's product" : PARTIES[p.assurance];
    const counted = result.code !== "waiver-not-accepted" ? RESULTS[p.verdict]
      : "Fail (the signer counts it as a pass with waivers; your trust store does not accept them)";
    const rows = [
      ["Result", `${counted}, tested in the ${p.target.environment} environment`],
      ["Not tested", untested(p).split(": ").slice(1).join(": ")],
      ["Who says so", `${quoted(result.key.issuer.name)} (in your trust store): ${party}`],
      ["Product", `${quoted(p.implementation.product)}, version ${quoted(p.implementation.version)}`],
      ["Supplier", quoted(p.implementation.supplier)],
      ["Address", p.target.hostUnicode ? `${p.target.url} (reads ${shown(p.target.hostUnicode)})` : p.target.url],
      ["Profile", `${p.profile.title} ${p.profile.version} (${p.profile.id}, ${p.profile.status})`],
      ["Classes claimed", titled(p, p.claims.claimed)],
      ["Classes not claimed", titled(p, p.claims.notClaimed)],
      ...failedRows(p),
      ...(result.waivers ?? []).map((text) => ["Waiver", text]),
      ["Tests ended", minute(moment(p.run.finishedAt))], ["Valid until", minute(moment(p.validUntil))],
      ["Challenge", p.challenge === null ? "none" : quoted(p.challenge)], ["Certificate", p.id],
      ["Stated by the signer, not checked", stated(p)],
    ];
    for (const [term, text] of rows) {
      if (!text) continue;
      const row = element("div");
      row.append(element("dt", term), element("dd", text));
      list.append(row);
    }
    parts.push(element("p", "The signed data says (rely on this, not on the certificate's page; words in quotation marks are the signer's own):"), list);
  }
  for (const note of result.notes) parts.push(element("p", "Note: " + note));
  if (result.exit < 2) {
    parts.push(element("p", "Not checked here: use the tool (interop verify) for:"));
    const list = element("ul");
    for (const text of UNCHECKED) list.append(element("li", text));
    parts.push(list);
  }
  parts.push(element("p", `${result.code}, ${result.exit}`));
  parts.at(-1).className = "mono";
  box.replaceChildren(...parts);
  box.dataset.exit = String(result.exit);
  box.dataset.code = result.code;
  box.dataset.count = String(Number(box.dataset.count ?? 0) + 1);
  box.hidden = false;
}

let store = null; // whom to trust: the reader's own store, with the publishers' under it
let own = null;
let publishers = new Map();
let last = null;
let reading = Promise.resolve();

const UNSEEN = "Whether it is the newest of its publisher is not checked here: this page keeps no record, the tool does.";
const printOf = async (value) => (await sha256(encode(canonical(value)))).replace(/.{4}(?=.)/g, "$& ");
const brief = (value) =>
  `${value.name}, version ${value.version} of ${value.issued.slice(0, 10)}, ` +
  `${value.expires ? `expires ${value.expires.slice(0, 10)}` : "no expiry date"}, ${value.keys.length} keys`;

// The reader's own store takes the place of all there was; a publisher's goes under it.
async function takeIn(read, origin) {
  if (!read.key) {
    let said = `${origin}: ${brief(read.store)}. Fingerprint: ${await printOf(read.store)}`;
    [own, publishers, store] = [read.store, new Map(), read.store];
    for (const text of read.signed ?? []) said += ` ${await takeIn(await readStore(encode(text), own), origin)}`;
    return said;
  }
  const name = `${read.key.keyid} ${read.value.name}`;
  const known = publishers.get(name);
  if (known && known.version > read.value.version)
    refuse(7, "trust-store-rolled-back", `${SIGNED}, older than the one read before: version ${read.value.version} after ${known.version}.${GET_ANOTHER}`);
  const next = new Map(publishers).set(name, uncontradicted(read.store, own));
  const merged = [...next.values()].reduce((over, base) => overlay(base, over), own);
  merged.notes = [...merged.notes, `The trust store ${quoted(read.value.name)} is signed by ${quoted(read.key.issuer.name)} (in your own store). ${UNSEEN}`];
  const said = `${origin}, signed by ${quoted(read.key.issuer.name)} (in your own store): ${brief(read.value)}. ` +
    `Fingerprint: ${await printOf(read.value)}. Your own store lies over it: ${brief(own)}. ${merged.keys.length} keys count together. ${UNSEEN}`;
  [publishers, store] = [next, merged];
  return said;
}

// Reads a store and says which; while it is read, and when it is refused, nobody is trusted.
function use(read, origin) {
  store = null;
  reading = reading.then(async () => {
    const said = byId("store-said");
    store = null;
    try {
      said.textContent = await takeIn(await read(), origin);
    } catch (error) {
      // A file that may have been meant as the reader's own store leaves none to lay over a publisher's.
      if (!error.ofPublisher) [own, publishers] = [null, new Map()];
      store = error instanceof Refused ? error : new Refused(7, "browser-cannot", "This browser cannot check a trust store. Use a newer one, or the tool.");
      said.textContent = `The trust store was refused, and no certificate is accepted. ${store.message} (${store.code})`;
    }
    said.dataset.count = String(Number(said.dataset.count ?? 0) + 1);
  });
  return reading;
}

// What is shown is of the file and the store chosen last, however long an earlier check takes.
let turn = 0;
let chosen = 0;

async function again() {
  const mine = ++turn;
  await reading;
  if (!last || mine !== turn) return;
  const expect = {};
  for (const name of ["target", "profile", "environment", "supplier", "product", "challenge", "assurance"]) {
    const typed = byId(name).value;
    // Blanks alone are no challenge, and not the same as none expected.
    expect[name] = name === "challenge" ? typed : typed.trim();
  }
  const result = await verify(last, store, Date.now(), expect);
  if (mine === turn) show(result);
}

async function take(file) {
  if (!file) return;
  const mine = ++chosen;
  turn += 1;
  last = null;
  byId("outcome").hidden = true;
  let bytes = null;
  try {
    bytes = file.size > MAX_PACKAGE ? new Uint8Array(MAX_FILE + 1) : new Uint8Array(await file.arrayBuffer());
  } catch {
    bytes = null;
  }
  if (mine !== chosen) return;
  if (bytes === null) {
    turn += 1;
    show({ exit: 2, code: "file-unreadable", message: "The file cannot be read. Copy it to a folder of your own, then choose it again.", predicate: null, notes: [] });
    return;
  }
  last = bytes;
  await again();
}

byId("file").addEventListener("change", (event) => take(event.target.files[0]));
byId("store-file").addEventListener("change", async (event) => {
  const file = event.target.files[0];
  if (!file) return;
  await use(async () => readStore(file.size > MAX_STORE ? new Uint8Array(MAX_STORE + 1) : new Uint8Array(await file.arrayBuffer()), own), "Loaded");
  await again();
});
for (const name of ["target", "profile", "environment", "supplier", "product", "challenge", "assurance"])
  byId(name).addEventListener("change", again);
const drop = byId("drop");
drop.addEventListener("dragover", (event) => event.preventDefault());
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  take(event.dataTransfer.files[0]);
});
if (DATA.store) use(async () => ({ store: await checkStore(DATA.store), signed: DATA.signed }), "Built in");
