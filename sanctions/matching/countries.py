"""Countries by their names on lists and profiles, as ISO 3166-1 alpha-2 codes."""

import re
from functools import lru_cache

# Code, then every way it is written, divided by commas. Territories that lists name apart, and
# cities large enough to stand for their country in a profile, follow the country's own names.
_WRITTEN = """
AE united arab emirates,uae,emirates,dubai,abu dhabi
AF afghanistan,kabul
AL albania
AM armenia,yerevan
AO angola
AR argentina
AT austria,vienna
AU australia
AZ azerbaijan,baku
BA bosnia and herzegovina,bosnia,republika srpska,banja luka,sarajevo
BD bangladesh
BE belgium
BF burkina faso
BG bulgaria
BH bahrain
BI burundi
BO bolivia
BR brazil
BY belarus,minsk
BZ belize
CA canada
CD democratic republic of the congo,congo democratic republic of the,dr congo,drc
CF central african republic
CG congo,republic of the congo
CH switzerland
CI cote d'ivoire,ivory coast
CL chile
CM cameroon
CN china,people's republic of china,prc,beijing,shanghai
CO colombia,bogota
CR costa rica
CU cuba,havana
CY cyprus
CZ czech republic,czechia
DE germany,deutschland,berlin
DK denmark
DO dominican republic
DZ algeria,algiers
EC ecuador
EE estonia
EG egypt,cairo
ER eritrea
ES spain
ET ethiopia
FI finland
FR france,paris
GB united kingdom,uk,great britain,england,scotland,wales,london
GE georgia,tbilisi
GH ghana
GM gambia,the gambia
GN guinea
GR greece,athens
GT guatemala
GW guinea-bissau,guinea bissau
GY guyana
HK hong kong
HN honduras
HR croatia
HT haiti
HU hungary
ID indonesia,jakarta
IE ireland
IL israel
IN india
IQ iraq,baghdad
IR iran,iran islamic republic of,islamic republic of iran,tehran
IS iceland
IT italy
JM jamaica
JO jordan
JP japan
KE kenya
KG kyrgyzstan,kyrgyz republic
KH cambodia
KP north korea,korea north,democratic people's republic of korea,dprk,pyongyang
KR south korea,korea south,republic of korea,seoul
KW kuwait
KZ kazakhstan
LA laos,lao people's democratic republic
LB lebanon,beirut
LK sri lanka
LR liberia
LT lithuania
LU luxembourg
LV latvia
LY libya,tripoli
MA morocco
MC monaco
MD moldova,republic of moldova,transnistria
ME montenegro
MG madagascar
MK north macedonia,macedonia
ML mali
MM burma,myanmar
MN mongolia
MR mauritania
MT malta
MV maldives
MX mexico
MY malaysia
MZ mozambique
NA namibia
NE niger
NG nigeria
NI nicaragua
NL netherlands,holland
NO norway
NP nepal
NZ new zealand
OM oman
PA panama
PE peru
PH philippines,the philippines
PK pakistan,karachi
PL poland,warsaw
PS palestine,palestinian territory,gaza,west bank,palestinian
PT portugal
PY paraguay
QA qatar,doha
RO romania
RS serbia,belgrade
RU russia,russian federation,rossiya,moscow,chechnya,grozny,dagestan,saint petersburg,россия,москва
RW rwanda
SA saudi arabia,riyadh
SC seychelles
SD sudan,khartoum
SE sweden
SG singapore
SI slovenia
SK slovakia
SL sierra leone
SN senegal
SO somalia,mogadishu
SS south sudan
SV el salvador
SY syria,syrian arab republic,damascus
TD chad
TH thailand
TJ tajikistan
TM turkmenistan
TN tunisia,tunis
TR turkey,turkiye,türkiye,istanbul
TT trinidad and tobago
TW taiwan
TZ tanzania,united republic of tanzania
UA ukraine,kyiv,kiev,crimea,donetsk,luhansk,sevastopol
UG uganda
US united states,united states of america,usa,america
UY uruguay
UZ uzbekistan
VE venezuela,bolivarian republic of venezuela,caracas
VN vietnam,viet nam
VU vanuatu
XK kosovo
YE yemen,sanaa
ZA south africa
ZM zambia
ZW zimbabwe,harare
"""
_CODES: dict[str, str] = {}
for _line in _WRITTEN.split("\n"):
    if _line:
        _code, _, _names = _line.partition(" ")
        _CODES |= dict.fromkeys((_code.lower(), *_names.split(",")), _code)
_DIVIDER = re.compile(r"[,;/()|]")


@lru_cache(maxsize=1 << 12)
def country_codes(text: str) -> frozenset[str]:
    """Every country named in a text such as 'Russia', 'RU' or 'Grozny, Russia'; empty if none.

    'Korea' alone names neither of the two and is left out.
    """
    folded = text[:120].strip().casefold().replace("’", "'")
    whole = _CODES.get(folded)
    if whole:
        return frozenset((whole,))
    parts = (part.strip() for part in _DIVIDER.split(folded))
    return frozenset(_CODES[part] for part in parts if part in _CODES)
