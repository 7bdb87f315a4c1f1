-- Needs: tags.
-- The index is a sorted set with all scores 0. Its members are "k" + key and "t" + tag + NUL + key; members that
-- begin with NUL are its own: NUL .. "s" says that it is complete, NUL .. "b" .. id that a rebuild is under way.
local COMPLETE = '\0s'

local function index_member_of_tag(tag, key)
  return 't' .. tag .. '\0' .. key
end

local function add_to_index(index, index_ttl, key, tags)
  redis.call('ZADD', index, 0, 'k' .. key)
  local added = 1
  for tag in each_tag(tags) do
    redis.call('ZADD', index, 0, index_member_of_tag(tag, key))
    added = added + 1
  end
  -- Prolonged when a twentieth of it has passed, not on every write.
  if redis.call('PTTL', index) < index_ttl * 0.95 then redis.call('PEXPIRE', index, index_ttl) end
  return added
end

local function key_of_member(member)
  return string.match(member, '^t[^%z]*%z(.*)$') or string.sub(member, 2)
end
