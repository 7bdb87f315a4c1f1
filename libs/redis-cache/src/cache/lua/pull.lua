-- Takes an entry out: answers with it, and removes it together with its lease.
-- KEYS[1] entry   KEYS[2] lease   KEYS[3] index
-- ARGV[1] key
-- Reply: the entry, or nil when there is none that is fresh.
-- @include clock
-- @include envelope
-- @include lease
local entry, lease, index, key = KEYS[1], KEYS[2], KEYS[3], ARGV[1]

local value = redis.call('GET', entry)
redis.call('UNLINK', entry)
end_lease(lease)
redis.call('ZREM', index, 'k' .. key)
return value and is_fresh(value, now_ms()) and holds_value(value) and value
