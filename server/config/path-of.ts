/** Makes the path of a setting absolute. */
export type PathOf = (value: string) => string
