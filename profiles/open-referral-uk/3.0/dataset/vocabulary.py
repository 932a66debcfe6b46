"""Invented words for the fictional borough of Harrowmere: places, organisations, services and terms."""
# ruff: noqa: E501

from __future__ import annotations

COUNTY = "Marchshire"
REGION = "Mid Marches"

# town: (postcode district, latitude, longitude, wards)
TOWNS = {
    "Harrowmere": ("HM1", 52.861, -2.352, ("Castle Rise", "Market Quarter", "Millbrook")),
    "Netherby Cross": ("HM2", 52.902, -2.417, ("Netherby North", "Netherby South")),
    "Stonebeck": ("HM3", 52.824, -2.281, ("Stonebeck East", "Stonebeck Moor")),
    "Quarnley": ("HM4", 52.793, -2.389, ("Quarnley Vale",)),
    "Ashwick Green": ("HM5", 52.884, -2.266, ("Ashwick", "Long Ashwick")),
    "Tillingdale": ("HM11", 52.837, -2.471, ("Tillingdale", "Upper Tilling")),
}

STREETS = (
    "Tannery Lane", "Weighbridge Road", "Old Foundry Street", "Copperbeech Avenue", "Larkrise Close",
    "Chandlers Row", "Fiddlers Hill", "Saltpan Way", "Cloth Market", "Hopyard Drive", "Bellmakers Yard",
    "Long Furrow", "Wherry Street", "Sheepwash Lane", "Glebe Terrace", "Ropewalk",
)  # fmt: skip

VENUES = (
    "Community Centre", "Library", "Family Hub", "Village Hall", "Leisure Centre", "Methodist Hall",
    "Health Centre", "Youth Club", "Arts Café", "Allotments", "Day Centre", "Wellbeing Hub", "School Annexe",
)  # fmt: skip

PEOPLE = (
    "Amara Wexcombe", "Tobias Fenwillow", "Priyanka Dalgrove", "Eluned Brackenridge", "Marcus Ottershaw-Lyle",
    "Zofia Kestrelmoor", "Yusuf Harlowbeck", "Siân Thistlewater", "Kwame Pellingford", "Beatriz Conôle",
    "Rhodri Saltmarsh-Vane", "Ngozi Larkendale",
)  # fmt: skip

JOBS = (
    "Service manager", "Family support worker", "Volunteer coordinator", "Duty officer", "Head of outreach",
    "Receptionist", "Welfare rights adviser", "Group leader",
)  # fmt: skip

# name, what it does, web name, kind
ORGANISATIONS = (
    ("Harrowmere Borough Council", "The council for the borough of Harrowmere and its six towns.", "council", "council"),
    ("Harrowmere Adult Social Care", "Assessment, care and support for adults in the borough.", "adult-care", "council"),
    ("Harrowmere Children and Families", "Early help and family support across the borough.", "families", "council"),
    ("Harrowmere Libraries", "Eight libraries and a home delivery service.", "libraries", "council"),
    ("Harrowmere Active", "The council's leisure centres, pools and health walks.", "active", "council"),
    ("Marchshire Public Health Partnership", "Prevention and public health programmes.", "public-health", "health"),
    ("Castle Rise Surgery Patients' Group", "Volunteers who run groups for patients.", "castle-rise", "health"),
    ("Tilling Vale Hospice Friends", "Bereavement and carers' groups run by volunteers.", "hospice", "health"),
    ("Quarnley Mind and Body", "Talking groups, exercise and peer support.", "mind-body", "health"),
    ("Netherby Sure Steps", "Falls prevention and gentle exercise for older people.", "sure-steps", "health"),
    ("Harrowmere Community Advice", "Free and confidential advice on money, housing and benefits.", "advice", "advice"),
    ("Marchshire Debt Line", "Debt advice by telephone and video.", "debt", "advice"),
    ("Stonebeck Law Clinic", "Students and volunteers giving free legal advice.", "law", "advice"),
    ("Tenants Together Harrowmere", "A tenants' association for the whole borough.", "tenants", "advice"),
    ("Welcome Harrowmere", "Support for people who are new to the borough and to the country.", "welcome", "advice"),
    ("Ashwick Green Food Larder", "A members' larder and community kitchen.", "larder", "food"),
    ("The Long Table", "Shared meals in every town, every week.", "long-table", "food"),
    ("Harrowmere Food Bank", "Emergency food parcels by referral.", "food-bank", "food"),
    ("Millbrook Allotment Society", "Growing food together on the Millbrook allotments.", "allotments", "food"),
    ("Little Otters Pre-school", "Community pre-school in Stonebeck.", "otters", "children"),
    ("Acorn Row Nursery", "Nursery, holiday club and after-school club.", "acorn", "children"),
    ("Harrowmere Play Rangers", "Outdoor play in parks and woods.", "rangers", "children"),
    ("Netherby Scouts and Explorers", "Scouting for young people in Netherby Cross.", "scouts", "children"),
    ("Ffrindiau Bach", "A Welsh-language playgroup for the borderland towns.", "ffrindiau", "children"),
    ("Stonebeck Youth Forge", "A youth club with workshops, music and a bike kitchen.", "forge", "youth"),
    ("Next Step Harrowmere", "Training and mentoring for young people out of work.", "next-step", "youth"),
    ("Tillingdale Young Farmers", "Rural youth club and skills training.", "young-farmers", "youth"),
    ("Out in the Marches", "Youth and peer groups for LGBT+ people.", "out", "youth"),
    ("Harrowmere Carers' Circle", "A charity run by and for unpaid carers.", "carers", "older"),
    ("Silver Thread Befriending", "Befriending visits and telephone calls.", "silver-thread", "older"),
    ("Quarnley Lunch Club", "A weekly hot lunch and minibus for older residents.", "lunch", "older"),
    ("Harrowmere Dementia Companions", "Companionship and cafés for people living with dementia.", "companions", "older"),
    ("Marches Community Transport", "Door-to-door minibuses and volunteer drivers.", "transport", "older"),
    ("Harrowmere Access Group", "Disabled people working for an accessible borough.", "access", "disability"),
    ("Signing Hands Marchshire", "British Sign Language classes and interpreters.", "signing", "disability"),
    ("Bright Paths", "Respite and short breaks for disabled children.", "bright-paths", "disability"),
    ("Ropewalk Workshops", "Supported employment for adults with learning disabilities.", "ropewalk", "disability"),
    ("Harrowmere Athletics and Swimming Club", "A volunteer-run sports club.", "swim", "sport"),
    ("Bellmakers Arts Centre", "Theatre, craft and music for everybody.", "bellmakers", "sport"),
    ("Marchshire Walking Network", "Led walks for every ability.", "walking", "sport"),
    ("Wherry Street Repair Café", "Volunteers who mend things instead of throwing them away.", "repair", "sport"),
    ("Harrowmere Credit Union", "Savings and fair loans for local people.", "credit-union", "advice"),
)  # fmt: skip

# family: (code, name, description, ((code, name, description), …))
SERVICE_TYPES = (
    ("advice", "Advice and information", "Help to understand rights and choices.", (
        ("money", "Money and debt advice", "Budgeting, debt and banking."),
        ("benefits", "Benefits advice", "Claims, appeals and entitlement checks."),
        ("housing", "Housing advice", "Tenancies, homelessness and repairs."),
        ("legal", "Legal advice", "Free first advice from a lawyer."),
        ("newcomers", "Support for newcomers", "Settling in, language and status."))),
    ("family", "Families and children", "Services for parents, carers and children.", (
        ("childcare", "Childcare", "Registered care for children."),
        ("play", "Play and parent groups", "Drop-in play with a parent or carer."),
        ("parenting", "Parenting support", "Courses and one-to-one help for parents."),
        ("send", "Special educational needs", "Support for children with additional needs."))),
    ("youth", "Young people", "Clubs, skills and support for young people.", (
        ("youth-club", "Youth clubs", "Open access evenings for young people."),
        ("skills", "Training and work skills", "Courses that lead to work."),
        ("mentoring", "Mentoring", "A trusted adult to talk to."))),
    ("health", "Health and wellbeing", "Staying well in body and mind.", (
        ("mental-health", "Mental wellbeing", "Talking, listening and peer support."),
        ("exercise", "Exercise and activity", "Getting and staying active."),
        ("stopping", "Stopping smoking", "Help to give up tobacco."),
        ("bereavement", "Bereavement support", "Support after a death."))),
    ("later-life", "Later life", "Services for older people and their carers.", (
        ("befriending", "Befriending", "Company at home or by telephone."),
        ("lunch-club", "Lunch clubs and cafés", "A shared hot meal."),
        ("dementia", "Dementia support", "For people with dementia and their families."),
        ("carers", "Support for carers", "For unpaid carers of any age."),
        ("transport", "Community transport", "Door-to-door journeys."))),
    ("disability", "Disability", "Services for disabled people.", (
        ("sign-language", "Sign language", "Classes and interpreting."),
        ("short-breaks", "Short breaks", "Respite for families."),
        ("supported-work", "Supported employment", "Work with support."))),
    ("community", "Community life", "Food, culture and things to do.", (
        ("food", "Food support", "Parcels, larders and shared meals."),
        ("arts", "Arts and crafts", "Making, music and theatre."),
        ("sport", "Sport", "Clubs and coaching."),
        ("library", "Libraries", "Books, study space and digital help."),
        ("environment", "Environment", "Growing, mending and recycling."))),
)  # fmt: skip

NEEDS = (
    ("alone", "Feeling alone", "People who have little company."),
    ("low-income", "Living on a low income", "Households with little money to spare."),
    ("new-parent", "Being a new parent", "Expecting or caring for a baby."),
    ("caring", "Caring for somebody", "Unpaid carers."),
    ("disabled", "Living with a disability", "Disabled people and their families."),
    ("out-of-work", "Being out of work", "People looking for work or training."),
    ("bereaved", "Being bereaved", "People who have lost somebody."),
    ("anxious", "Feeling anxious or low", "People whose mood is low."),
    ("homeless", "At risk of losing a home", "People who may become homeless."),
    ("new-here", "Being new to the area", "People who have recently arrived."),
    ("getting-about", "Finding it hard to get about", "People without easy transport."),
    ("growing-up", "Growing up", "Children and teenagers."),
    ("healthy", "Wanting to be healthier", "People who want to change a habit."),
    ("no-internet", "Having no internet at home", "People who are not online."),
)  # fmt: skip

# kind of organisation, name, description, type of service, needs, (minimum age, maximum age), price, day pattern
TEMPLATES = (
    ("advice", "Money Matters", "One-to-one help with budgets, debts and bank accounts.", "money", ("low-income",), (16, None), None, "MO,WE"),
    ("advice", "Benefits Check", "A check of every benefit that you may be entitled to.", "benefits", ("low-income", "out-of-work"), (16, None), None, "TU,TH"),
    ("advice", "Housing Drop-in", "Advice on tenancies, repairs and the risk of losing a home.", "housing", ("homeless",), (18, None), None, "WE"),
    ("advice", "Evening Law Clinic", "Half an hour with a solicitor, free of charge.", "legal", ("low-income",), (18, None), None, "1TH"),
    ("advice", "English Conversation Café", "Practise English over coffee and biscuits.", "newcomers", ("new-here", "alone"), (16, None), 1, "FR"),
    ("children", "Stay and Play", "Songs, messy play and a snack for children with a parent or carer.", "play", ("new-parent",), (0, 4), 2.5, "TU,FR"),
    ("children", "Baby Massage", "A five-week course for babies and their parents.", "parenting", ("new-parent",), (0, 1.5), 25, "MO"),
    ("children", "After-school Club", "Homework, games and tea until parents finish work.", "childcare", ("growing-up",), (4, 11), 12.75, "MO,TU,WE,TH,FR"),
    ("children", "Holiday Woodland Play", "Den building and fires in the woods in the school holidays.", "play", ("growing-up",), (6, 12), 8, "MO,TU,WE,TH"),
    ("council", "Parenting Together", "An eight-week course for parents of primary school children.", "parenting", ("new-parent", "anxious"), (18, None), None, "WE"),
    ("council", "Family Hub Drop-in", "Health visitors, early help and a toy library under one roof.", "parenting", ("new-parent", "low-income"), (0, 19), None, "MO,TU,WE,TH,FR"),
    ("council", "Home Library Service", "Books brought to people who cannot come to the library.", "library", ("getting-about", "alone"), (60, None), None, "2MO"),
    ("council", "Digital Help Desk", "Bring a telephone or laptop and learn how to use it.", "library", ("no-internet",), (50, None), None, "TH"),
    ("council", "Reading Rhymes", "Stories and rhymes for the under-fives.", "library", ("growing-up",), (1, 5), None, "SA"),
    ("council", "Swim for All", "Lessons for beginners of every age.", "sport", ("healthy",), (5, 90), 6.2, "SA,SU"),
    ("youth", "Friday Night Club", "Table tennis, music and somewhere warm to be.", "youth-club", ("growing-up",), (11, 16), 1, "FR"),
    ("youth", "Bike Kitchen", "Learn to mend a bicycle and keep it.", "skills", ("growing-up", "out-of-work"), (13, 19), None, "WE"),
    ("youth", "Ready for Work", "Twelve weeks of training with a work placement.", "skills", ("out-of-work",), (16, 24), None, "MO,TU,WE,TH"),
    ("youth", "One to One Mentoring", "A volunteer mentor, an hour a week, for a year.", "mentoring", ("anxious", "growing-up"), (12, 18), None, "TU"),
    ("youth", "Rainbow Evening", "A sociable evening for LGBT+ young people and their friends.", "youth-club", ("alone", "growing-up"), (13, 21), None, "2TH"),
    ("health", "Talking Circle", "A listening group led by trained volunteers.", "mental-health", ("anxious", "alone"), (18, None), None, "TU"),
    ("health", "Chair Yoga", "Gentle movement seated in a chair.", "exercise", ("healthy", "getting-about"), (55, None), 4, "TH"),
    ("health", "Steady on Your Feet", "Strength and balance classes that prevent falls.", "exercise", ("healthy",), (65, None), 3.5, "MO,TH"),
    ("health", "Quit for Good", "Six weeks of support to stop smoking, with free patches.", "stopping", ("healthy",), (12, None), None, "WE"),
    ("health", "Walk and Remember", "A monthly walk for people who have been bereaved.", "bereavement", ("bereaved", "alone"), (18, None), None, "-1SU"),
    ("older", "Befriending Visits", "A weekly visit from the same volunteer.", "befriending", ("alone",), (60, None), None, "MO,TU,WE,TH,FR"),
    ("older", "Hot Lunch Club", "Two courses, tea and company, with transport.", "lunch-club", ("alone", "getting-about"), (65, None), 6.5, "TU"),
    ("older", "Memory Café", "Music, cake and company for people with dementia and their families.", "dementia", ("caring", "alone"), (50, None), 2, "1WE,3WE"),
    ("older", "Carers' Morning", "Coffee and advice for unpaid carers of any age.", "carers", ("caring",), (8, None), None, "2SA"),
    ("older", "Door to Door Minibus", "Accessible journeys to appointments and shops.", "transport", ("getting-about",), (18, None), 3, "MO,TU,WE,TH,FR"),
    ("disability", "BSL for Beginners", "A ten-week introduction to British Sign Language.", "sign-language", ("disabled",), (14, None), 45, "MO"),
    ("disability", "Saturday Short Breaks", "Activities for disabled children while parents rest.", "short-breaks", ("disabled", "caring"), (5, 17), None, "SA"),
    ("disability", "Supported Workshop", "Paid work in woodwork and printing, with support.", "supported-work", ("disabled", "out-of-work"), (18, 65), None, "MO,TU,WE,TH,FR"),
    ("disability", "SEND Parents' Evening", "Parents share what they know about plans and schools.", "send", ("caring", "disabled"), (18, None), None, "3TU"),
    ("food", "Community Larder", "Members choose ten items a week for a small subscription.", "food", ("low-income",), (18, None), 4.5, "MO,FR"),
    ("food", "Shared Supper", "Everybody cooks, everybody eats, nobody pays.", "food", ("alone", "low-income"), (0, None), None, "TH"),
    ("food", "Emergency Food Parcel", "Three days of food with a referral.", "food", ("low-income", "homeless"), (16, None), None, "MO,WE,FR"),
    ("food", "Growing Together", "Grow vegetables with people who know how.", "environment", ("alone", "healthy"), (8, None), None, "SA"),
    ("sport", "Led Walk", "Three miles at an easy pace, ending at a café.", "exercise", ("healthy", "alone"), (18, None), None, "SU"),
    ("sport", "Clay and Glaze", "Pottery for beginners, materials included.", "arts", ("alone",), (16, None), 11.5, "TU"),
    ("sport", "Junior Athletics", "Running, jumping and throwing for children.", "sport", ("growing-up", "healthy"), (7, 15), 3, "SA"),
    ("sport", "Repair Café", "Bring a broken toaster, leave with a working one.", "environment", ("low-income",), (None, None), None, "1SA"),
)  # fmt: skip
