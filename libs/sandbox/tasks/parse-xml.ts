import type { ParseFault } from '#libs/evaluation';
import { ParseOption, XmlDocument, XmlParseError, type ParseOptions } from 'libxml2-wasm';
import { bounded, TaskError } from '../messages.ts';

/** The text is decoded already, whatever encoding it declares; nothing is loaded from elsewhere. */
const options: ParseOptions = { encoding: 'utf-8', option: ParseOption.XML_PARSE_NO_XXE };

/** Whether a text is a well-formed XML 1.0 document, with names in declared namespaces. */
export function parseXml(text: string): ParseFault {
  if (text.trim() === '') return { message: 'there is no element in it' };
  try {
    const document = XmlDocument.fromString(text, options);
    const fault = document.warnings.find(({ message }) => message.startsWith('Namespace'));
    document.dispose();
    return fault && faultOf(fault);
  } catch (error) {
    if (!(error instanceof XmlParseError)) throw error;
    const [first] = error.details;
    if (!first) return { message: 'it is not XML' };
    if (first.message.startsWith('Excessive depth')) {
      throw new TaskError('too_large', 'the XML nests deeper than 256 elements');
    }
    return faultOf(first);
  }
}

function faultOf({ message, line, col }: { message: string; line: number; col: number }) {
  const plain = message.startsWith('Maximum entity amplification')
    ? 'its entities grow beyond measure'
    : bounded(message);
  return { message: plain, line, column: col };
}
