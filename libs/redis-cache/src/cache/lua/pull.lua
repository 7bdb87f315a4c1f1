-- Takes an entry out: answers with it, and removes it together with its lease.
-- KEYS[1] entry   KEYS[2] lease   KEYS[3] index
-- ARGV[1] key   ARGV[2] when the server was started, in ms
-- Reply: the entry, or nil when there is none that is fresh.
-- @include clock
-- @include envelope
-- @include lease
local entry, lease, index, key, server_start = KEYS[1], KEYS[2], KEYS[3], ARGV[1], tonumber(ARGV[2])

local value = redis.call('GET', entry)
redis.call('UNLINK', entry)
end_lease(lease)
redis.call('ZREM', index, 'k' .. key)
return value and is_fresh(value, now_ms(), server_start) and holds_value(value) and value
