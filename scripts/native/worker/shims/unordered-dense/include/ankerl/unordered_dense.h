// The part of ankerl::unordered_dense that mediasoup-worker uses, on the standard library's tables.
// Not packaged by Debian. The standard tables keep references valid across insertions, so they promise more, not less.
#pragma once

#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace ankerl::unordered_dense
{
	template<typename T, typename Enable = void>
	struct hash : std::hash<T>
	{
	};

	template<typename Key, typename T, typename Hash = hash<Key>, typename KeyEqual = std::equal_to<Key>>
	using map = std::unordered_map<Key, T, Hash, KeyEqual>;

	template<typename Key, typename Hash = hash<Key>, typename KeyEqual = std::equal_to<Key>>
	using set = std::unordered_set<Key, Hash, KeyEqual>;
} // namespace ankerl::unordered_dense
