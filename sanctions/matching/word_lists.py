"""Words with a part of their own in names and around them. Lower-case Latin letters."""


def words(text: str) -> frozenset[str]:
    """The words of a block of text, divided by white space."""
    return frozenset(text.split())


# Parts that carry little of a name: articles, kinship and origin particles, titles, legal forms.
FILLERS = words(
    """
    al el ul ad ash az as at ar de del della di da do dos la las los le van von der den y e i
    bin ben ibn bint binti abu abou abi umm um zu
    haj hajj haji hajji hadji mullah mulla maulavi mawlawi mawlavi maulvi molvi mowlavi
    sheikh shaikh sheik shaykh sheykh cheikh sayyid sayed syed seyed seyyed sayyed qari kari ustad
    hojjatoleslam hojjat eslam ayatollah imam hafiz dr prof professor eng engineer mr mrs ms sir
    general gen colonel col major maj brigadier brig commander captain capt lieutenant lt
    jr sr ii iii iv first second
    company co ltd limited llc inc corp corporation gmbh ag sa sarl srl plc bv nv fze fzco fzc
    public joint stock open closed society
    jsc ojsc pjsc cjsc ooo oao zao pao ao est pvt pte sdn bhd and of the for
    """
)
# What accounts add around a name. It says nothing for or against a match. The second block is
# Russian and Arabic, as transliterated.
DECORATIONS = words(
    """
    official officially real the team tv news fan fans fanpage page club channel verified president
    leader live media account acc profile insta instagram facebook twitter youtube telegram tiktok
    music videos video daily updates info public figure original new backup user its iam im mr

    ofitsialnyy ofitsialnaya novosti komanda kanal klub stranitsa gospodin prezident
    rsmy alrsmy sfhah qnaah hsab
    """
)
ARTICLES = words("al el ul il ar ad ed ud")
# 'Abd al-Rahman: servant of. Saif al-Din, Nasrallah: of the faith, of God. One name each with the
# word that follows or goes before, however it is written.
SERVANT = words("abd abdul abdal abdel abdol abdur abdu abdoul abdull")
FAITH = words("din deen dine dyn eddin eddine uddin addin allah ullah ollah")

# Names that are common in the world though seldom on a list. Rarity is counted on the lists, where
# Thomas is rare and Ramzan is not; sharing one of these tells little, whatever the lists say.
COMMON_GIVEN_NAMES = words(
    """
    aaron adam alan albert alberto alejandro alex alexander alexandra alexis alfonso alfredo alice
    amanda amy ana andre andrea andreas andres andrew andrzej angel angela ann anna anne anthony
    antonio arthur barbara benjamin bernard brian bruno carl carla carlos carmen carol caroline
    catherine charles chris christian christina christine christopher claire claudia claudio
    cristina daniel daniela david deborah denis diana diego dominik donald edward elena elisabeth
    elizabeth emily emma enrique eric erik ernesto eva felipe felix fernando florian francesca
    francesco francis francisco frank gabriel gary george gerald gerardo giovanni giuseppe gloria
    gonzalo grace gregory guillermo gustavo hannah hans hector heinz helen henry hugo ian isabel
    ivan jack jacob jaime james jan jane janet jason javier jean jeff jennifer jessica jesus jim
    joan joao joel johan johannes john jonathan jorge jose joseph joshua juan judith julia julian
    julie julio karen karl kate katherine kathleen keith kenneth kevin klaus larry laura lauren leo
    leon leonard leonardo lewis linda lisa louis lucas lucia luis luiz luca manuel marc marcel
    marco marcos margaret maria marie mario mariano mark marta martha martin mary matthew matthias
    mauricio max melissa michael michele michelle miguel mike monica nancy natalia nathan nicholas
    nicolas nicole nina noah oliver olivia oscar pablo pamela patricia patrick paul paula paulo
    pedro peter philip philippe pierre rachel rafael ralph ramon raul raymond rebecca ricardo
    richard robert roberto rodrigo roger roland ronald rosa rose ruben ruth ryan samuel sandra
    santiago sara scott sean sebastian sergio simon sofia sophie stefan stephanie stephen steven
    susan sven sylvia teresa theo theresa thomas timothy tom tony valentina vanessa vera veronica
    victor victoria vincent virginia walter wendy wilhelm william wolfgang
    """
)
COMMON_SURNAMES = words(
    """
    adams allen alvarez anderson bailey baker barnes becker bell bennett brooks brown butler
    campbell carter castillo castro chavez clark coleman collins cook cooper cox cruz davies davis
    delgado diaz dixon edwards evans fernandez fischer fisher flores foster fuentes garcia gomez
    gonzalez gray green griffin gutierrez hall hansen harris harrison hernandez herrera hill
    hoffmann hughes jackson jensen jimenez johnson jones jordan kelly khan king klein kumar larsen
    lee lewis lloyd long lopez marshall martinez medina mendez mendoza meyer miller mitchell moore
    morales moreno morgan morris muller murphy nelson nguyen nielsen olsen ortega ortiz parker
    patel pereira perez perry peterson phillips powell price ramirez ramos reed reyes richardson
    rivera roberts robinson rodriguez rodrigues rogers rojas romero ross ruiz russell salazar
    sanchez sanders santos schmidt schneider schulz silva singh smith stewart suarez sullivan
    taylor thompson torres turner vargas vasquez vazquez vega wagner walker ward watson weber white
    williams wilson wood wright yang young zimmermann
    """
)
