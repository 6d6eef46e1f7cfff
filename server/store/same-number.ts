/**
 * A number as it is compared: digits only, without the international prefix `+` or `00`. Country codes are not guessed:
 * erasing a stranger's record is worse than having to ask for both spellings.
 */
export function comparable(number: string): string {
  return number.replace(/[\s().-]/g, '').replace(/^(\+|00)/, '')
}
