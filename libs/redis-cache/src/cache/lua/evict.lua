-- Removes entries together with their leases: loads that run for them will not be stored.
-- KEYS[1] index; nothing else, because two keys would be refused when one is missing while their slot moves
-- ARGV[1] tag log   ARGV[2] what the entry keys begin with   ARGV[3] what the lease keys begin with
-- ARGV[4] keys, each preceded by its length as 4 bytes
-- ARGV[5] for how many ms the source may still give what was, 0 = it does not
-- ARGV[6] random number for the epoch of a new tag log
-- Reply: how many entries there were, or nil when nothing was done because the slot moves.
-- @include clock
-- @include lease
-- @include tags
-- @include tag-log
-- @include settling
-- @include key-list
-- @include moving
local index, log, entry_head, lease_head, keys = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local settle, epoch = tonumber(ARGV[5]), ARGV[6]

if is_moving(index) then return false end

local now = now_ms()

local removed = 0
for key in each_key(keys) do
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
