/**
 * A reader looks at one byte after another of what may stand for another character. Its answer is the state that it goes
 * on in (0 and above), or one of these.
 */
export type Reader = (state: number, byte: number) => number;

/** It is no such thing. */
export const no = -1;
/** It is none, but one may begin with the byte before, an escape. */
export const again = -2;
/** It ended, and stands for this character. */
export const done = (code: number): number => -3 - code;
export const codeOf = (answer: number): number => -3 - answer;

/** Above every character: what was read stands for nothing. */
export const nothing = 0x110000;

/** What is one byte of a text, whatever character it is a part of. */
export const rawByte = (byte: number): number => nothing + 1 + byte;
