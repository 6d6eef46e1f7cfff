import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { freePort } from '../free-port.ts'
import { PeerProcess } from './peer-process.ts'
import { RTPENGINE_HOST, type RtpEngine } from './rtpengine.ts'

const KAMAILIO_HOST = '127.0.0.2'

/**
 * Kamailio as registrar and proxy in front of the server, with rtpengine for the media: a session border controller as a
 * carrier or a contact centre has one. Numbers that begin with 400 are the server's, all others are looked up among who
 * registered.
 */
export class Kamailio {
  readonly sipHost = KAMAILIO_HOST
  readonly sipPort: number
  readonly process: PeerProcess

  private constructor(sipPort: number, process: PeerProcess) {
    this.sipPort = sipPort
    this.process = process
  }

  static async start(o: { server: { sipHost: string; sipPort: number }; media: RtpEngine }): Promise<Kamailio> {
    const sipPort = await freePort()
    const process = await PeerProcess.start({
      program: 'kamailio',
      debianPackage: 'kamailio',
      files: { 'kamailio.cfg': configOf({ sipPort, server: o.server, controlPort: o.media.controlPort }) },
      args: folder => [
        '-f',
        `${folder}/kamailio.cfg`,
        '-DD',
        '-E',
        '-m',
        '32',
        '-M',
        '4',
        '-w',
        folder,
        '-Y',
        folder,
        '-P',
        `${folder}/pid`,
      ],
    })
    const kamailio = new Kamailio(sipPort, process)
    await process.ready('an answer to OPTIONS', () => kamailio.#answers())
    return kamailio
  }

  async #answers(): Promise<boolean> {
    const socket = createSocket('udp4')
    try {
      socket.bind(0, '127.0.0.1')
      await once(socket, 'listening')
      const answer = once(socket, 'message', { signal: AbortSignal.timeout(300) })
      const { port } = socket.address()
      socket.send(
        [
          `OPTIONS sip:${KAMAILIO_HOST}:${this.sipPort} SIP/2.0`,
          `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK${Math.random()}`,
          'From: <sip:test@127.0.0.1>;tag=1',
          `To: <sip:${KAMAILIO_HOST}>`,
          `Call-ID: ${Math.random()}`,
          'CSeq: 1 OPTIONS',
          'Max-Forwards: 70',
          'Content-Length: 0',
          '',
          '',
        ].join('\r\n'),
        this.sipPort,
        KAMAILIO_HOST,
      )
      return String((await answer)[0]).startsWith('SIP/2.0 200')
    } catch {
      return false
    } finally {
      socket.close()
    }
  }

  close(): Promise<void> {
    return this.process.close()
  }
}

const configOf = (o: {
  sipPort: number
  server: { sipHost: string; sipPort: number }
  controlPort: number
}) => `#!KAMAILIO
debug=2
log_stderror=yes
memdbg=5
memlog=5
fork=yes
children=1
tcp_children=1
auto_aliases=no
disable_core_dump=yes
listen=udp:${KAMAILIO_HOST}:${o.sipPort}
listen=tcp:${KAMAILIO_HOST}:${o.sipPort}

loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "rtpengine.so"
loadmodule "xlog.so"
modparam("rtpengine", "rtpengine_sock", "udp:${RTPENGINE_HOST}:${o.controlPort}")
modparam("usrloc", "db_mode", 0)
modparam("rr", "enable_full_lr", 1)

request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("OPTIONS") && $rU == $null) { sl_send_reply("200", "Alive"); exit; }
  if (is_method("CANCEL")) {
    if (t_check_trans()) { rtpengine_manage(); t_relay(); }
    exit;
  }
  if (!is_method("ACK")) {
    if (t_precheck_trans()) { t_check_trans(); exit; }
    t_check_trans();
  }
  if (has_totag()) {
    if (loose_route()) {
      # Somebody whose number ends in 99 gets new media ports with every re-INVITE: a relay that failed over.
      if (is_method("INVITE") && $fU =~ "99$") rtpengine_delete();
      route(RELAY);
    }
    if (is_method("ACK")) {
      if (t_check_trans()) t_relay();
      exit;
    }
    sl_send_reply("404", "Not here");
    exit;
  }
  remove_hf("Route");
  if (is_method("REGISTER")) {
    if (!save("location")) sl_reply_error();
    exit;
  }
  if (is_method("INVITE")) record_route();
  if ($rU =~ "^400") {
    $ru = "sip:" + $rU + "@${o.server.sipHost}:${o.server.sipPort}";
  } else if (!lookup("location")) {
    sl_send_reply("404", "Not registered");
    exit;
  }
  route(RELAY);
}

route[RELAY] {
  if (is_method("BYE") || has_body("application/sdp")) rtpengine_manage("replace-origin replace-session-connection");
  t_on_reply("MEDIA");
  t_on_failure("MEDIA");
  if (!t_relay()) sl_reply_error();
  exit;
}

onreply_route[MEDIA] {
  if (has_body("application/sdp")) rtpengine_manage("replace-origin replace-session-connection");
}

failure_route[MEDIA] {
  if (is_method("INVITE") && !has_totag()) rtpengine_delete();
}
`
