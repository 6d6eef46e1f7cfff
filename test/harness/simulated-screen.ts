/**
 * SIMULATED screen: headless Chromium has none to share. A canvas whose pictures move, so that the encoder works. Runs in
 * the page; `endScreen()` there is the browser's own "stop sharing".
 */
export function simulateScreen(o: { colour: string; words?: string }): void {
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = document.createElement('canvas')
    canvas.width = 960
    canvas.height = 540
    const context = canvas.getContext('2d')
    let turn = 0
    const timer = setInterval(() => {
      if (!context) return
      context.fillStyle = o.colour
      context.fillRect(0, 0, 960, 540)
      context.fillStyle = '#fff'
      context.fillRect((turn++ * 20) % 900, 400, 60, 60)
      if (o.words === undefined) return
      context.font = '64px sans-serif'
      context.fillText(o.words, 80, 160)
    }, 80)
    const stream = canvas.captureStream(12)
    const [track] = stream.getVideoTracks()
    Object.assign(window, {
      endScreen: () => {
        clearInterval(timer)
        track?.stop()
        track?.dispatchEvent(new Event('ended'))
      },
    })
    return stream
  }
}
