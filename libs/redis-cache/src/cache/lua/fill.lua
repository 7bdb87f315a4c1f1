-- Stores a loaded value if the lease is still ours and none of its tags was invalidated since the lease was taken.
-- KEYS[1] entry   KEYS[2] lease   KEYS[3] index   KEYS[4] tag log
-- ARGV[1] token   ARGV[2] key   ARGV[3] format: enveloped | plain   ARGV[4] flags   ARGV[5] ttl in ms, 0 = forever
-- ARGV[6] load duration in ms   ARGV[7] tags, separated by NUL   ARGV[8] payload
-- ARGV[9] lifetime of the index in ms, 0 = no index
-- Reply: Redis's time in ms, or nil when the value was refused. Either way the lease has ended and waiters are woken.
-- @include clock
-- @include envelope
-- @include tags
-- @include index
-- @include lease
-- @include moving
-- @include sample
-- @include tag-log
-- @include settling
local entry, lease, index, log = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local token, key, format, flags, ttl = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local load_duration, tags, payload, index_ttl = tonumber(ARGV[6]), ARGV[7], ARGV[8], tonumber(ARGV[9])

local function is_outdated()
  local held = redis.call('HMGET', lease, 'counter', 'epoch')
  local floor = redis.call('ZSCORE', log, '\0f')
  if not floor or redis.call('ZSCORE', log, '\0e') ~= held[2] then return true end
  local counter = tonumber(held[1])
  if tonumber(floor) > counter then return true end
  for tag in each_tag(tags) do
    local invalidated = redis.call('ZSCORE', log, 't' .. tag)
    if invalidated and tonumber(invalidated) > counter then return true end
  end
  return false
end

local held_by, taken_at = unpack(redis.call('HMGET', lease, 'token', 'since'))
if held_by ~= token then return false end
-- Without an index, what was cleared is noted in the log only.
if was_settling(log, key, tags, tonumber(taken_at)) or ((tags ~= '' or index_ttl == 0) and is_outdated()) then
  end_lease(lease)
  return false
end

local now = now_ms()
-- Listed before it is stored: what is stored and not listed no invalidation would find.
local written = 0
if index_ttl > 0 then
  for tag in each_tag(tags_of(entry)) do
    redis.call('ZREM', index, index_member_of_tag(tag, key))
  end
  written = add_to_index(index, index_ttl, key, tags)
end
local value = format == 'enveloped' and envelope(flags, now, ttl, load_duration, tags) .. payload or payload
if ttl == 0 then
  redis.call('SET', entry, value)
else
  redis.call('SET', entry, value, 'PX', ttl)
end
end_lease(lease)
if written > 0 then
  sample(index, written, string.sub(entry, 1, #entry - #key), string.sub(lease, 1, #lease - #key))
end
return now
