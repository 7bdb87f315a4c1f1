-- Needs: envelope, index.
local MEMBERS_SAMPLED_PER_WRITTEN = 2

-- A member is dead when neither entry nor lease exists, or when no lease does and the entry no longer has the tag.
local function is_dead(member, entry_head, lease_head)
  local member_key = key_of_member(member)
  if redis.call('EXISTS', lease_head .. member_key) == 1 then return false end
  if redis.call('EXISTS', entry_head .. member_key) == 0 then return true end
  local member_tag = string.match(member, '^t([^%z]*)%z')
  if not member_tag then return false end
  for tag in each_tag(tags_of(entry_head .. member_key)) do
    if tag == member_tag then return false end
  end
  return true
end

-- Looks at a few members at random and drops the dead: so an index stays in proportion to what lives.
local function sample(index, written, entry_head, lease_head)
  for _, member in ipairs(redis.call('ZRANDMEMBER', index, written * MEMBERS_SAMPLED_PER_WRITTEN)) do
    if string.byte(member) ~= 0 and is_dead(member, entry_head, lease_head) then redis.call('ZREM', index, member) end
  end
end
