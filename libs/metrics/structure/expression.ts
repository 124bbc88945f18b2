import { toDecimal, type Decimal } from '#libs/statistics';
import { Fraction } from 'fraction.js';
import jsep from 'jsep';
import { MetricError } from '../metric-error.ts';

/** No number that is meant as an answer is longer; it also bounds the work that one can cause. */
export const TEXT_MAX = 400;
/** Hexadecimal digits of a numerator or a denominator: about 1200 decimal ones. */
const DIGITS_MAX = 1_000;
/** Of a number in scientific notation. */
const EXPONENT_MAX = 999;

/** The same number as a fraction. */
export const toFraction = ({ digits, exponent }: Decimal): Fraction =>
  exponent >= 0
    ? new Fraction(digits * 10n ** BigInt(exponent), 1n)
    : new Fraction(digits, 10n ** BigInt(-exponent));

/**
 * The exact value of an arithmetic expression: numbers, + - * / ^, signs and parentheses, in the usual
 * order (-2^2 is -4, 2^3^2 is 2^9), also in the notation of LaTeX. Undefined where the text is none, or
 * has no value among the fractions (1/0, 2^(1/2)).
 * @throws {MetricError} where a number on the way becomes too large
 */
export function evaluate(text: string): Fraction | undefined {
  if (text.length > TEXT_MAX) return undefined;
  const expression = rewrite(text);
  if (expression === undefined) return undefined;
  let tree: jsep.Expression;
  try {
    tree = jsep(expression);
  } catch {
    return undefined;
  }
  return valueOf(tree);
}

const operators = new Map([
  ['−', '-'],
  ['–', '-'],
  ['×', '*'],
  ['·', '*'],
  ['⋅', '*'],
  ['∗', '*'],
  ['÷', '/'],
  ['∕', '/'],
  ['⁄', '/'],
]);

/**
 * As jsep reads it: the power as **, and parentheses as calls of `group`, since otherwise the tree would
 * not tell (-2)^2 from -2^2. Undefined where anything else stands in it.
 */
function rewrite(text: string): string | undefined {
  const plain = text
    .trim()
    .replace(/^\$([^$]*)\$$/, '$1')
    .replace(/^\\\((.*)\\\)$/s, '$1')
    .replace(/\.$/, '')
    .replace(/[¼-¾⅐-⅞]/g, (fraction) => ` ${fraction.normalize('NFKC')}`)
    .replace(/[−–×·⋅∗÷∕⁄]/g, (sign) => operators.get(sign) ?? sign)
    .replace(/\\(?:left|right|[ ,;!])/g, '')
    .replace(/\\(?:cdot|times)(?![a-z])/g, '*')
    .replace(/\\div(?![a-z])/g, '/')
    .replace(/\\[dt]?frac(?![a-z])\s*/g, 'F')
    .replace(/F(\d)\s*(\d)/g, 'F{$1}{$2}')
    .replace(/(?<=[\d)])\s+x\s+(?=[\d(])/gi, '*')
    .replace(/(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)/g, (number) => number.replaceAll(',', ''))
    .trim()
    .replace(/^([+-]?)\s*(\d+)\s+(\d+)\s*\/\s*(\d+)$/, '$1($2+$3/$4)')
    .replace(/^([+-]?)\s*(\d+)\s*(F\{\d+\}\{\d+\})$/, '$1($2+$3)');
  if (!/^[\d\s.eE+\-*/^(){}F]*$/.test(plain) || !isBalanced(plain)) return undefined;
  return plain
    .replaceAll('^', '**')
    .replace(/F\{/g, 'frac[')
    .replace(/\}\s*\{/g, ',')
    .replace(/[({]/g, 'group(')
    .replaceAll('frac[', 'frac(')
    .replaceAll('}', ')');
}

function isBalanced(text: string): boolean {
  const open: string[] = [];
  for (const sign of text) {
    if (sign === '(') open.push(')');
    else if (sign === '{') open.push('}');
    else if ((sign === ')' || sign === '}') && open.pop() !== sign) return false;
  }
  return open.length === 0;
}

function valueOf(node: unknown): Fraction | undefined {
  if (!isExpression(node)) return undefined;
  switch (node.type) {
    case 'Literal':
      return typeof node['raw'] === 'string' ? numberIn(node['raw']) : undefined;
    case 'UnaryExpression':
      return signed(node['operator'], valueOf(node['argument']));
    case 'CallExpression':
      return called(node);
    case 'BinaryExpression':
      return combined(node);
    default:
      return undefined;
  }
}

function combined({ operator, left, right }: jsep.Expression): Fraction | undefined {
  // To jsep a sign binds more than a power does.
  if (operator === '**' && isExpression(left) && left.type === 'UnaryExpression') {
    return signed(left['operator'], power(valueOf(left['argument']), valueOf(right)));
  }
  const a = valueOf(left);
  const b = valueOf(right);
  if (operator === '**') return power(a, b);
  if (!a || !b) return undefined;
  if (operator === '+') return bounded(a.add(b));
  if (operator === '-') return bounded(a.sub(b));
  if (operator === '*') return bounded(a.mul(b));
  return operator === '/' ? quotient(a, b) : undefined;
}

function called({ callee, arguments: given }: jsep.Expression): Fraction | undefined {
  if (!isExpression(callee) || callee.type !== 'Identifier' || !Array.isArray(given)) {
    return undefined;
  }
  const [first, second] = given.map(valueOf);
  if (callee['name'] === 'group') return given.length === 1 ? first : undefined;
  if (callee['name'] !== 'frac' || given.length !== 2 || !first || !second) return undefined;
  return quotient(first, second);
}

function signed(operator: unknown, value: Fraction | undefined): Fraction | undefined {
  if (operator === '-') return value?.neg();
  return operator === '+' ? value : undefined;
}

const quotient = (a: Fraction, b: Fraction): Fraction | undefined =>
  b.n === 0n ? undefined : bounded(a.div(b));

function power(base: Fraction | undefined, exponent: Fraction | undefined): Fraction | undefined {
  if (!base || !exponent || exponent.d !== 1n) return undefined;
  if (base.n === 0n && exponent.s < 0n) return undefined;
  if (base.n <= 1n && base.d === 1n) {
    // 0, 1 and -1 take any exponent; only whether it is odd matters.
    const parity = exponent.n === 0n ? 0n : 2n - (exponent.n % 2n);
    return base.pow(new Fraction(parity, 1n));
  }
  if (exponent.n * BigInt(sizeOf(base)) > DIGITS_MAX) throw tooLarge();
  return bounded(base.pow(exponent));
}

function numberIn(raw: string): Fraction | undefined {
  const [, whole = '', decimals = '', exponent = ''] =
    /^(\d*)\.?(\d*)(e[+-]?\d+)?$/i.exec(raw) ?? [];
  if (whole + decimals === '') return undefined;
  const power = Number(exponent.slice(1));
  if (Math.abs(power) > EXPONENT_MAX) throw tooLarge();
  return bounded(toFraction(toDecimal(`${whole}${decimals}e${power - decimals.length}`)));
}

function bounded(value: Fraction): Fraction {
  if (sizeOf(value) > DIGITS_MAX) throw tooLarge();
  return value;
}

/** Digits of the larger of its two numbers. */
const sizeOf = ({ n, d }: Fraction): number => (n > d ? n : d).toString(16).length;

const tooLarge = () => new MetricError('a number in the expression is too large to compute');

function isExpression(node: unknown): node is jsep.Expression {
  return typeof node === 'object' && node !== null && 'type' in node;
}
