"""Flask extensions without an application: the factory binds them to one."""

from flask_bootstrap import Bootstrap5
from flask_compress import Compress
from flask_login import LoginManager

from destiny_web.web.csrf import MaskedCSRF

bootstrap = Bootstrap5()
compress = Compress()
csrf = MaskedCSRF()
login_manager = LoginManager()
