-- Several tags are one text, separated by NUL.
local function each_tag(tags)
  return string.gmatch(tags, '[^%z]+')
end
