/** A share from 0 to 1: `6.1 %`; `-` where there is none. */
export const percent = (share: number | null): string =>
  share === null ? '-' : `${Math.round(share * 1000) / 10} %`;
