"""The old name of ``CheckedPage``, until its last user has the new one."""

from tests.templates.checked_page import CheckedPage

Sound = CheckedPage
