// libsrtp 3's calls, as mediasoup-worker makes them, on top of libsrtp 2.
// libsrtp 3 takes input and output buffers; libsrtp 2 works in place and counts in int.
#pragma once

#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <srtp2/srtp.h>

// Named in libsrtp 3 only. The worker lists them; libsrtp 2 never answers them, the wrappers below answer the first.
constexpr srtp_err_status_t srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
constexpr srtp_err_status_t srtp_err_status_cryptex_err = static_cast<srtp_err_status_t>(29);

namespace tongping_srtp
{
	// The authentication tag, and for RTCP the E flag with its index (RFC 3711 3.4). No key identifier: the worker sets none.
	constexpr size_t kRtpTrailerBytes = SRTP_MAX_TAG_LEN;
	constexpr size_t kRtcpTrailerBytes = SRTP_MAX_TAG_LEN + 4;

	template<typename InPlace>
	inline srtp_err_status_t moved(
	  const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t roomBytes, InPlace inPlace)
	{
		if (inLen > INT_MAX - SRTP_MAX_TRAILER_LEN || inLen + roomBytes > *outLen)
			return srtp_err_status_buffer_small;

		if (in != out)
			std::memmove(out, in, inLen);

		int len = static_cast<int>(inLen);
		const srtp_err_status_t err = inPlace(out, &len);

		if (err == srtp_err_status_ok)
			*outLen = static_cast<size_t>(len);

		return err;
	}
} // namespace tongping_srtp

inline srtp_err_status_t srtp_protect(
  srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t /*mkiIndex*/)
{
	return tongping_srtp::moved(
	  in, inLen, out, outLen, tongping_srtp::kRtpTrailerBytes, [ctx](uint8_t* p, int* n) { return srtp_protect(ctx, p, n); });
}

inline srtp_err_status_t srtp_unprotect(srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)
{
	return tongping_srtp::moved(
	  in, inLen, out, outLen, 0, [ctx](uint8_t* p, int* n) { return srtp_unprotect(ctx, p, n); });
}

inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t /*mkiIndex*/)
{
	return tongping_srtp::moved(
	  in, inLen, out, outLen, tongping_srtp::kRtcpTrailerBytes, [ctx](uint8_t* p, int* n) {
		  return srtp_protect_rtcp(ctx, p, n);
	  });
}

inline srtp_err_status_t srtp_unprotect_rtcp(srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)
{
	return tongping_srtp::moved(
	  in, inLen, out, outLen, 0, [ctx](uint8_t* p, int* n) { return srtp_unprotect_rtcp(ctx, p, n); });
}

// Both take the SSRC in network order.
inline srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrc)
{
	return srtp_remove_stream(session, ssrc);
}
