declare const TONGPING_LATE_URL: string

/** Address of the late bundle (late.ts), written in by scripts/build-pages.mjs. */
export const LATE_URL: string = TONGPING_LATE_URL
