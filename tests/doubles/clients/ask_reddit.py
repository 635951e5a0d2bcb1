"""Ask the double for the newest posts of a group with `praw`, which most programs read Reddit with.

It is run by another Python: `ask_reddit.py ADDRESS KEY SECRET GROUP COUNT`.
"""

import json
import sys

import praw

address, key, secret, group, count = sys.argv[1:]
reddit = praw.Reddit(
    client_id=key,
    client_secret=secret,
    user_agent="python:assay-tests:v1",
    reddit_url=address,
    oauth_url=address,
    check_for_updates=False,
    ratelimit_seconds=0,
)
found = reddit.subreddit(group).new(limit=int(count))
rows = [
    [one.fullname, one.created_utc, one.title, one.selftext, one.subreddit_name_prefixed]
    for one in found
]
sys.stdout.write(json.dumps(rows))
