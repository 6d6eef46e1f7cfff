// Loaded into the server by `--import`. The script that started it holds the other end of this channel: when that process
// is killed without a chance to say so, the server stops as on SIGINT (calls are ended and sealed) instead of living on
// unseen, in possession of the ports.
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGINT'))
  process.channel.unref()
}
