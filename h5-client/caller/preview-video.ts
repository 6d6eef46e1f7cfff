import { h } from './dom.ts'

/**
 * The caller's own view. Made and asked to play inside the tap, before there is a picture: iOS in low-power mode plays
 * only what a person started, and WeChat on iOS stays blank without play().
 */
export function previewInTap(): HTMLVideoElement {
  const video = h('video', { class: 'preview', 'data-test': 'preview', playsinline: true, muted: true, autoplay: true })
  // Attributes alone do not mute a video that a script made.
  video.muted = true
  video.play().catch(() => {
    // Played again with the picture in it.
  })
  return video
}
