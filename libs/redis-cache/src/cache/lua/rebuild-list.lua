-- Lists keys that a scan has met, if they still have an entry or a lease. It removes nothing but entries whose tags cannot
-- be known, in a namespace where entries have an envelope: another version wrote them, and no tag would find them.
-- KEYS[1] index
-- ARGV[1] what the entry keys begin with   ARGV[2] what the lease keys begin with
-- ARGV[3] keys, each preceded by its length as 4 bytes   ARGV[4] lifetime of the index in ms
-- ARGV[5] format of the namespace: enveloped | plain
-- Reply: how many were listed, or nil when nothing was done because the slot moves.
-- @include full-memory
-- @include envelope
-- @include tags
-- @include index
-- @include lease
-- @include key-list
-- @include moving
local index, entry_head, lease_head, keys = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local index_ttl, format = ARGV[4], ARGV[5]

-- Neither an envelope of this version nor a counter, which cannot have tags.
local function has_unknown_tags(entry)
  local first = redis.call('GETRANGE', entry, 0, 0)
  return first ~= '' and string.byte(first) ~= VERSION and not string.find(first, '[%d-]')
end

if is_moving(index) then return false end

write_although_full(index)
local listed = 0
for key in each_key(keys) do
  if format == 'enveloped' and has_unknown_tags(entry_head .. key) then
    redis.call('UNLINK', entry_head .. key)
    end_lease(lease_head .. key)
  elseif redis.call('EXISTS', entry_head .. key, lease_head .. key) > 0 then
    add_to_index(index, index_ttl, key, tags_of(entry_head .. key))
    listed = listed + 1
  end
end
return listed
