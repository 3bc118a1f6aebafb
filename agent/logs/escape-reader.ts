/**
 * Reads what may be an escape, byte by byte. It answers its next state (0 and above), or one of the values below.
 */
export type Reader = (state: number, byte: number) => number;

/** It is no escape. */
export const no = -1;
/** It is none, but an ESC was the byte before, and may begin another one. */
export const again = -2;
/** It has ended, and stands for this character. */
export const done = (code: number): number => -3 - code;
export const codeOf = (answer: number): number => -3 - answer;

/** A code above every character: what was read stands for nothing. */
export const nothing = 0x110000;

/** The code for a single byte, which may be a part of a character. */
export const rawByte = (byte: number): number => nothing + 1 + byte;
