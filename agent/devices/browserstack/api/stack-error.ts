/**
 * What BrowserStack answered instead. `credentials`: it refuses the account. `rate`: it wants fewer requests. `away`: it does
 * not answer, or not as itself. `refused`: it does not take this request.
 */
export type StackTrouble = 'credentials' | 'rate' | 'away' | 'refused';

/** The message is for people and holds no address, since addresses of BrowserStack may hold a token. */
export class StackError extends Error {
  readonly kind: StackTrouble;

  /** Of the answer; undefined: there was none. */
  readonly status: number | undefined;

  constructor(kind: StackTrouble, message: string, status?: number) {
    super(message);
    this.kind = kind;
    this.status = status;
  }
}
