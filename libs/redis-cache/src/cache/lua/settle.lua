-- Notes that the source may still give what was for some keys.
-- KEYS[1] tag log
-- ARGV[1] random number for the epoch of a new tag log   ARGV[2] keys, each preceded by its length as 4 bytes
-- ARGV[3] for how many ms
-- Reply: how many are settling.
-- @include clock
-- @include full-memory
-- @include tags
-- @include tag-log
-- @include settling
-- @include key-list
local log, epoch, keys, settle = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])

local now = now_ms()

write_although_full(log)
open_log(log, epoch)
for key in each_key(keys) do
  note_settling(log, 'k' .. key, now + settle)
end
forget_settled(log, now)
return redis.call('ZCOUNT', log, 0, HIGHEST_TIME)
