-- Removes entries together with their leases: loads that run for them will not be stored.
-- KEYS[1] index   KEYS[2] tag log
-- ARGV[1] what the entry keys begin with   ARGV[2] what the lease keys begin with   ARGV[3] keys, each preceded by its length as 4 bytes
-- ARGV[4] for how many ms the source may still give what was, 0 = it does not
-- ARGV[5] random number for the epoch of a new tag log
-- Reply: how many entries there were.
-- @include clock
-- @include lease
-- @include tags
-- @include tag-log
-- @include settling
local index, log, entry_head, lease_head, keys = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3]
local settle, epoch = tonumber(ARGV[4]), ARGV[5]

local now = now_ms()

local removed, at = 0, 1
while at <= #keys do
  local length = struct.unpack('>I4', keys, at)
  local key = string.sub(keys, at + 4, at + 3 + length)
  at = at + 4 + length
  removed = removed + redis.call('UNLINK', entry_head .. key)
  end_lease(lease_head .. key)
  redis.call('ZREM', index, 'k' .. key)
  if settle > 0 then note_settling(log, 'k' .. key, now + settle) end
end
if settle > 0 then
  open_log(log, epoch)
  forget_settled(log, now)
end
return removed
