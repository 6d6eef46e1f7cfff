const WHOLE = '.replay-column'

/** The whole replay, controls and watermark included; the picture alone would lose both. */
export function toggleFullScreen(): void {
  // A refusal (no gesture, forbidden by policy) changes nothing on the page.
  if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined)
  else
    void document
      .querySelector(WHOLE)
      ?.requestFullscreen()
      .catch(() => undefined)
}
