-- Prolongs a lock or a permit that is still held. It never shortens it, and never takes one that was lost.
-- KEYS[1] holders
-- ARGV[1] attempt   ARGV[2] ttl from now in ms
-- Reply: remaining ms, or nil when it is lost.
-- @include clock
-- @include holders
local holders = KEYS[1]
local attempt, ttl = ARGV[1], tonumber(ARGV[2])

local own = redis.call('HGET', holders, attempt)
if not own then return false end

local now = math.floor(now_us() / 1000)
local holder = read_holder(own)
if holder.expires_at <= now then return false end

-- A full Redis refuses a script whose first write is not one that frees memory.
redis.call('HDEL', holders, attempt)
holder.expires_at = math.max(holder.expires_at, now + ttl)
write_holder(holders, attempt, holder)
keep_holders(holders, holder.expires_at - now)
return holder.expires_at - now
