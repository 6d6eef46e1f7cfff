/** “1 record”, “2 records”. `count` is the number as it is shown. */
export const plural = (count: string, one: string, more = `${one}s`): string =>
  count === '1' ? `1 ${one}` : `${count} ${more}`
