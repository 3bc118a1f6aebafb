// Loaded into a process before its program: the clock on its wall is off by QGJOB_TEST_SHIFT_MS.
const shift = Number(process.env.QGJOB_TEST_SHIFT_MS);
const RealDate = Date;
const now = () => RealDate.now() + shift;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(now());
    else super(...given);
  }
  static now = now;
};
