// Words, runs of keys and letter pairs that people choose: the entropy estimate counts them low.

const words = `
password passwort passwd pass admin administrator root user guest login test testing tester demo default secret token apikey key
master welcome letmein access changeme change qwerty asdf dragon monkey football baseball soccer hockey superman batman shadow
sunshine princess iloveyou love lover hello hallo charlie michael jordan jennifer hunter buster thomas robert daniel george andrew
jessica ashley amanda joshua matthew maggie pepper ginger summer winter spring autumn fall january february march april june july
august september october november december monday tuesday wednesday thursday friday saturday sunday day week month year time
server service system database data base backup prod production live staging stage dev devel develop developer local localhost oracle
mysql postgres postgresql redis mongo docker github gitlab google amazon azure apple microsoft windows linux ubuntu debian
company office work home house team group manager boss money bank cash credit card number phone mobile email mail internet
network router switch cisco firewall security secure private public internal external example sample temp temporary temporal
computer laptop keyboard mouse screen web site website page blog shop store sales order orders customer client account
payment billing invoice support help info contact news music movie video game gamer player star starwars matrix pokemon
black white red blue green yellow orange purple silver gold golden dark light fire water earth wind storm thunder
cat dog fish bird horse tiger lion bear wolf eagle snake rabbit mouse cow pig fox max rex bella lucy milo
mother father sister brother mom dad baby girl boy man woman king queen prince angel devil god jesus heaven hell
big small hot cold new old first last best good bad happy lucky crazy magic power super mega ultra hyper
one two three four five six seven eight nine ten hundred thousand million open close start stop
correct battery staple horse coffee chocolate cookie banana cheese pizza apple cherry lemon
london paris berlin madrid rome tokyo moscow boston chicago dallas texas california florida america england germany france
sallyport agent proxy vault canary trustno ninja samurai pirate rocket diamond crystal flower garden rainbow freedom liberty peace
whatever nothing something anything the and for you are not all any my your this that with from have
`;

/** Words that stand high in every list of leaked passwords, or that systems use as names; lower case, three letters or more. */
export const guessableWords: ReadonlySet<string> = new Set(words.split(/\s+/).filter((word) => word.length >= 3));

/** The longest of them, in characters. */
export const longestWord: number = Math.max(...[...guessableWords].map((word) => word.length));

const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop[]',
  'qwertzuiopü',
  'azertyuiop',
  'asdfghjkl;',
  'zxcvbnm,./',
  'yxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1q2w3e4r5t6y7u8i9o0p',
  '!@#$%^&*()_+',
  '!"§$%&/()=',
];

/** Runs on the alphabet and on keyboards, in both directions, lower case. */
export const keyRuns: readonly string[] = rows.flatMap((row) => [row, row.split('').reverse().join('')]);

// The pairs that make up nine tenths of English text (Norvig, "English Letter Frequency Counts", 2012).
const pairs = `
th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce
li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em
ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay
ex ke ui fr oo ag wn ck do bo cl cr da fa ga gr lu mu ob od pi pu qu rd rm rn ru sc sp sw tt um up ap av bu ef ei ff ep ew
br dr fl gl ki ks ng oc ok pp rc rk rv ye yo ud ue uc ub ug rl rr rg
`;

/** Letter pairs that are common in words; of all pairs they are about a third. */
export const commonPairs: ReadonlySet<string> = new Set(pairs.split(/\s+/).filter((pair) => pair.length === 2));
