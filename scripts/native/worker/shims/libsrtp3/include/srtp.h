// libsrtp 3's calls, as mediasoup-worker makes them, on top of libsrtp 2.
// libsrtp 3 takes input and output buffers; libsrtp 2 works in place and counts in int.
#pragma once

#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <strings.h>

// libsrtp 3 gives this name to a pointer whose target is hidden, libsrtp 2 to a plain struct. C linkage knows no
// parameter types, so the functions that take one still link.
#define srtp_policy_t srtp2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t

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

// One key and one salt, which libsrtp 2 wants behind each other.
struct tongping_srtp_policy
{
	srtp2_policy_t policy{};
	uint8_t key[SRTP_MAX_KEY_LEN]{};
	size_t keyBytes{ 0 };
};

using srtp_policy_t = tongping_srtp_policy*;

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy)
{
	*policy = new (std::nothrow) tongping_srtp_policy;

	return *policy != nullptr ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

inline void srtp_policy_destroy(srtp_policy_t policy)
{
	if (policy == nullptr)
		return;

	explicit_bzero(policy->key, sizeof(policy->key));
	delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	policy->policy.ssrc = ssrc;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	const srtp_err_status_t err = srtp_crypto_policy_set_from_profile_for_rtp(&policy->policy.rtp, profile);

	return err != srtp_err_status_ok ? err : srtp_crypto_policy_set_from_profile_for_rtcp(&policy->policy.rtcp, profile);
}

inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy, const uint8_t* key, size_t keyLen, const uint8_t* salt, size_t saltLen, const uint8_t* mki, size_t mkiLen)
{
	// The worker has one key per session and names it nowhere in the packet.
	if (policy->keyBytes != 0 || mki != nullptr || mkiLen != 0)
		return srtp_err_status_bad_param;

	if (keyLen > sizeof(policy->key) || saltLen > sizeof(policy->key) - keyLen)
		return srtp_err_status_bad_param;

	std::memcpy(policy->key, key, keyLen);
	std::memcpy(policy->key + keyLen, salt, saltLen);
	policy->keyBytes = keyLen + saltLen;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
	policy->policy.allow_repeat_tx = allow ? 1 : 0;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t windowSize)
{
	policy->policy.window_size = windowSize;

	return srtp_err_status_ok;
}

// The session keeps keys derived from the policy, nothing that points into it.
inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy)
{
	// libsrtp 2 takes the key's length from the cipher; a shorter key would be used with zeros behind it.
	if (policy->keyBytes == 0 || policy->keyBytes != static_cast<size_t>(policy->policy.rtp.cipher_key_len))
		return srtp_err_status_bad_param;

	policy->policy.key = policy->key;

	return srtp_create(session, static_cast<const srtp2_policy_t*>(&policy->policy));
}
