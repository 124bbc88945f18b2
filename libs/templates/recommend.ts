import type { TemplateContent } from '#libs/contracts';
import { traitsOf, wordsIn, type DatasetTraits, type SampledItem } from './dataset-traits.ts';

/** A template that may fit. */
export interface Candidate {
  id: string;
  name: string;
  content: TemplateContent;
}

export interface Recommendation {
  id: string;
  name: string;
  title: string;
  /** How well it fits, from 0 to 1. */
  score: number;
  /** What speaks for it, in words. */
  reasons: string[];
  /** What the dataset lacks for it, in words. */
  problems: string[];
}

/**
 * Which templates fit, best first. A preset is held against what the items are like; a template of the
 * project against the fields that its inputs must have. The description counts by its words. These are
 * rules of thumb: a score orders templates and is no probability.
 * @param given.items a sample, as from the beginning of a dataset
 */
export async function recommendTemplates(
  candidates: readonly Candidate[],
  given: { items?: readonly SampledItem[] | undefined; description?: string | undefined },
): Promise<Recommendation[]> {
  const traits = given.items && given.items.length > 0 ? await traitsOf(given.items) : undefined;
  const words = given.description === undefined ? undefined : wordsOf(given.description);
  return candidates
    .map(({ id, name, content }) => {
      const signs = traits
        ? (signsOf[id]?.(traits) ?? signsOfFields(content, traits))
        : (signsOfNothing[id] ?? []);
      const found = words && matching(words, terms[id] ?? ownTerms(name, content));
      const bySigns = clamp(signs.reduce((sum, { weight }) => sum + weight, 0));
      const reasons = signs.filter(({ weight }) => weight > 0).map(({ says }) => says);
      if (found && found.words.length > 0) {
        reasons.push(`The description says ${found.words.map((word) => `“${word}”`).join(', ')}.`);
      }
      return {
        id,
        name,
        title: content.title,
        score: round(
          traits ? together(bySigns, found?.weight) : clamp(bySigns + (found?.weight ?? 0)),
        ),
        reasons,
        problems: signs.filter(({ weight }) => weight < 0).map(({ says }) => says),
      };
    })
    .toSorted((a, b) => b.score - a.score);
}

/** Items say more than words, and words can settle what items leave open. */
const together = (bySigns: number, byWords: number | undefined): number =>
  byWords === undefined ? bySigns : clamp(0.75 * bySigns + 0.4 * byWords);

const clamp = (value: number): number => Math.min(1, Math.max(0, value));
const round = (value: number): number => Math.round(value * 100) / 100;

/** Something about a dataset that speaks for a template, or against it. */
interface Sign {
  weight: number;
  says: string;
}

const sign = (holds: boolean, weight: number, says: string): Sign[] =>
  holds ? [{ weight, says }] : [];
const most = (share: number): boolean => share >= 0.6;
const few = (share: number): boolean => share < 0.2;

const noExpected = (t: DatasetTraits) =>
  sign(few(t.expected), -0.3, 'Most items have no expected value to compare with.');

/** What a description alone leaves open. */
const signsOfNothing: Record<string, Sign[]> = {
  general: [{ weight: 0.1, says: 'It asks nothing of a dataset.' }],
};

const signsOf: Record<string, (traits: DatasetTraits) => Sign[]> = {
  question_answering: (t) => [
    ...sign(most(t.questions), 0.5, 'Most inputs are questions.'),
    ...sign(
      most(t.expectedNumber),
      0.25,
      'Expected values are numbers: answers that are right or wrong.',
    ),
    ...sign(
      most(t.expectedText) && t.expectedWords <= 12,
      0.2,
      'Expected values are short answers.',
    ),
    ...sign(
      most(t.expectedText) && t.expectedWords > 12 && !most(t.code),
      0.15,
      'Expected values are answers as texts.',
    ),
    ...sign(
      most(t.hasContext),
      -0.35,
      'The items have context, which this template does not look at.',
    ),
    ...sign(
      t.fewExpected && !most(t.expectedNumber),
      -0.15,
      'Few expected values come again and again, like labels.',
    ),
    ...sign(most(t.hasMessages), -0.3, 'The inputs are conversations.'),
    ...sign(most(t.expectedCalls), -0.5, 'Expected values are tool calls.'),
    ...sign(most(t.expectedObject), -0.3, 'Expected values are JSON objects.'),
    ...sign(most(t.code), -0.3, 'Expected values or fields are code.'),
    ...noExpected(t),
  ],
  summarisation: (t) => [
    ...sign(t.inputWords >= 30, 0.4, 'The inputs are long texts.'),
    ...sign(
      most(t.expectedText) &&
        t.inputWords >= 30 &&
        t.expectedWords >= 5 &&
        t.expectedWords * 2 <= t.inputWords,
      0.3,
      'Expected values are texts much shorter than the inputs.',
    ),
    ...sign(
      t.overlap >= 0.4 && t.expectedWords >= 5,
      0.15,
      'Expected values use the words of the inputs.',
    ),
    ...sign(t.inputWords < 20, -0.3, 'The inputs are too short to be summarised.'),
    ...sign(most(t.questions), -0.2, 'The inputs ask questions.'),
    ...sign(
      t.fewExpected || most(t.expectedObject),
      -0.2,
      'Expected values are labels or JSON, not texts.',
    ),
    ...sign(most(t.hasContext) && most(t.questions), -0.2, 'The items have context for questions.'),
  ],
  classification: (t) => [
    ...sign(
      t.fewExpected && !most(t.expectedNumber),
      0.6,
      'Few short expected values come again and again: labels.',
    ),
    ...sign(
      t.fewExpected && most(t.expectedNumber),
      0.3,
      'Few numbers come again and again, perhaps classes.',
    ),
    ...sign(most(t.hasLabels), 0.3, 'The items name labels or choices.'),
    ...sign(
      !t.fewExpected,
      -0.3,
      'Expected values differ from item to item; labels would come again.',
    ),
    ...noExpected(t),
  ],
  rag: (t) => [
    ...sign(
      most(t.hasContext) && most(t.questions),
      0.9,
      'The items have context: passages or documents that belong to questions.',
    ),
    ...sign(
      most(t.hasContext) && !most(t.questions),
      0.35,
      'The items have fields that may be context: passages or documents.',
    ),
    ...sign(
      most(t.hasContext) && most(t.expectedText),
      0.1,
      'There are expected answers, which context recall needs.',
    ),
    ...sign(
      most(t.hasContext) && few(t.questions),
      -0.1,
      'The items ask no questions that the context could answer.',
    ),
    ...sign(
      few(t.hasContext),
      -0.5,
      'The items have no context; give each its passages, or let the target report them.',
    ),
  ],
  code_generation: (t) => [
    ...sign(most(t.code), 0.75, 'Expected values or fields are code or tests of it.'),
    ...sign(few(t.code), -0.3, 'Nothing in the items looks like code.'),
  ],
  extraction: (t) => [
    ...sign(most(t.expectedObject), 0.7, 'Expected values are JSON objects.'),
    ...sign(most(t.expectedObject) && t.inputWords >= 5, 0.15, 'The inputs are texts.'),
    ...sign(
      most(t.expectedJsonText),
      -0.1,
      'Expected values are JSON written as text; import them as JSON, so that they can be compared field by field.',
    ),
    ...sign(few(t.expectedObject), -0.3, 'Expected values are no JSON objects.'),
    ...sign(most(t.expectedCalls), -0.5, 'Expected values are tool calls.'),
  ],
  chat_safety: (t) => [
    ...sign(most(t.hasMessages), 0.7, 'The inputs are conversations.'),
    ...sign(t.fewExpected, -0.3, 'Few expected values come again and again, like labels.'),
    ...sign(most(t.expectedCalls), -0.3, 'Expected values are tool calls.'),
    ...sign(
      few(t.hasMessages),
      -0.2,
      'The inputs are no conversations; put each into input.messages.',
    ),
  ],
  translation: (t) => [
    ...sign(most(t.hasLanguages), 0.55, 'The items name languages.'),
    ...(t.languages
      ? sign(
          !most(t.hasContext) && !most(t.code),
          0.6,
          `Inputs and expected values are in different languages, such as ${t.languages.from} and ${t.languages.to}.`,
        )
      : sign(few(t.hasLanguages), -0.2, 'The items do not say from which language into which.')),
    ...sign(
      most(t.expectedText) &&
        t.expectedWords >= 3 &&
        t.overlap <= 0.2 &&
        alike(t.inputWords, t.expectedWords) &&
        !most(t.questions) &&
        !most(t.code),
      0.3,
      'Expected values are as long as the inputs and share hardly a word with them.',
    ),
    ...noExpected(t),
  ],
  tool_use: (t) => [
    ...sign(most(t.expectedCalls), 0.8, 'Expected values are tool calls.'),
    ...sign(most(t.hasTools), 0.2, 'The items name tools.'),
    ...sign(few(t.expectedCalls), -0.4, 'Expected values are no tool calls.'),
  ],
  general: (t) => [
    { weight: 0.25, says: 'It asks nothing of a dataset.' },
    ...sign(few(t.expected), 0.15, 'It needs no expected values.'),
  ],
};

const alike = (a: number, b: number): boolean => a <= 2 * b + 2 && b <= 2 * a + 2;

/** Of a template of the project: do inputs have the fields that it requires? */
function signsOfFields({ inputSchema }: TemplateContent, traits: DatasetTraits): Sign[] {
  const { required } = inputSchema;
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  if (names.length === 0) return [{ weight: 0.2, says: 'It asks for no field by name.' }];
  const missing = names.filter((name) => !most(traits.fields.get(name) ?? 0));
  if (missing.length === 0) {
    return [{ weight: 0.7, says: `The inputs have what it asks for: ${names.join(', ')}.` }];
  }
  return [{ weight: -0.3, says: `The inputs lack ${missing.join(', ')}.` }];
}

/** A word, or with `*` the beginning of words, and how much it says where it occurs. */
type Terms = ReadonlyMap<string, number>;

/** A word in lower case and without accents. */
const plain = (word: string): string =>
  word.toLowerCase().normalize('NFKD').replaceAll(/\p{M}/gu, '');

/** Each line: how much its words say, and they. Accents do not matter. */
const weighed = (...lines: [weight: number, words: string][]): Terms =>
  new Map(
    lines.flatMap(([weight, list]) =>
      list.split(' ').map((word): [string, number] => [plain(word), weight]),
    ),
  );

/**
 * In English, German, French and Spanish, and the commonest of Chinese and Japanese. What names the task
 * says most; what several tasks share, such as documents or questions, says little by itself.
 */
const terms: Record<string, Terms> = {
  question_answering: weighed(
    [0.5, 'qa quiz* trivia math* arithmetic* exam exams riddle* homework gsm8k mmlu triviaqa'],
    [0.5, 'question* frage* fragen pregunta* 问答 質問* 問答 数学'],
    [0.2, 'answer* antwort* reponse* respuesta* fact facts factual* knowledge reasoning 回答'],
  ),
  summarisation: weighed(
    [0.6, 'summar* zusammenfass* resum* condens* tl tldr xsum 要約 摘要 总结'],
    [0.4, 'shorten* abstract abstracts digest digests minutes kurzfassung* kurzen abreg* sintesis'],
  ),
  classification: weighed(
    [0.6, 'classif* klassifi* clasific* categor* kategori* sentiment* 分类 分類 感情'],
    [0.5, 'label* intent intents spam triage* topic topics priorit* einordn* stimmung*'],
    [0.4, 'rout* sort* comments assign* department* zuordn* detect* erkenn* urgen* etiqueta* 标签'],
  ),
  rag: weighed(
    [0.6, 'rag retriev* 検索 检索'],
    [0.4, 'context kontext contexte contexto document* dokument* passage* grounded grounding'],
    [0.4, 'citation* cite* knowledge wiki* wissen* manual* handbook* handbuch* faq* 文書 文档'],
    [0.2, 'question* frage* fragen pregunta* answer* antwort* reponse* respuesta* search*'],
  ),
  code_generation: weighed(
    [0.6, 'code coding codes python javascript typescript java rust sql leetcode humaneval mbpp'],
    [0.5, 'program* developer* entwickl* kodier* unittest* codigo 代码 プログラム コード'],
    [0.2, 'function functions funktion* fonction* funcion* bug bugs test tests quer* algorithm*'],
  ),
  extraction: weighed(
    [0.6, 'extract* extrah* extrai* extrae* ner entit* 抽出 提取'],
    [0.4, 'json field fields feld felder champ champs campo* structur* strukturier* pars*'],
    [
      0.3,
      'invoice* rechnung* facture factures factura* receipt* amount* betrag* form forms contract*',
    ],
    [0.2, 'name names date dates pull'],
  ),
  chat_safety: weighed(
    [0.6, 'jailbreak* safe* sicher* harm* moderat* abus* refus* 安全'],
    [0.4, 'bias* conversation* gespräch* dialog* polite* höflich* hate* attack* offens* 対話 对话'],
    [0.2, 'chat* assistant* bot bots injection* policy policies'],
  ),
  translation: weighed(
    [0.6, 'translat* übersetz* uebersetz* traduc* tradui* locali* wmt flores 翻译 翻訳'],
    [0.3, 'multilingual* mehrsprach* language* sprache* langue* idioma*'],
    [0.1, 'german deutsch french französisch spanish spanisch english englisch chinese japanese'],
  ),
  tool_use: weighed(
    [0.6, 'tool tools werkzeug* outil* herramienta* agent* bfcl 工具'],
    [0.4, 'api apis call calls calling action actions aufruf*'],
    [0.2, 'function functions funktion* book* plugin*'],
  ),
  general: weighed(
    [
      0.4,
      'general instruction* writ* creativ* kreativ* advice brainstorm* essay* poem* story stories',
    ],
    [0.3, 'style tone blog* marketing* schreib* redact* escri* texte'],
  ),
};

/** The words of a description, each once. */
const wordsOf = (description: string): string[] => [
  ...new Set(wordsIn(description).flatMap((word) => word.split(/['’_]/))),
];

/** Which words of a description are terms, and how much they say together: each term counts once. */
function matching(words: readonly string[], of: Terms): { weight: number; words: string[] } {
  const found = new Map<string, string>();
  for (const word of words) {
    const own = plain(word);
    const term = [...of.keys()].find((term) =>
      term.endsWith('*') ? own.startsWith(term.slice(0, -1)) : own === term,
    );
    if (term !== undefined && !found.has(term)) found.set(term, word);
  }
  const weight = [...found.keys()].reduce((sum, term) => sum + (of.get(term) ?? 0), 0);
  return { weight: clamp(weight), words: [...found.values()] };
}

/** Of a template of the project: the longer words of its name and title, and a little its description's. */
const ownTerms = (name: string, { title, description }: TemplateContent): Terms =>
  new Map([
    ...wordsOf(description).flatMap((word) => ownTerm(word, 6, 0.1)),
    ...wordsOf(`${name} ${title}`).flatMap((word) => ownTerm(word, 4, 0.4)),
  ]);

const ownTerm = (word: string, shortest: number, weight: number): [string, number][] =>
  word.length < shortest ? [] : [[`${plain(word)}*`, weight]];
