"""Services are files with their settings."""

from zope.app.fssync.hosts.ofs.content.tests import samples


def test_a_mail_host_keeps_its_password(edited):
    mail = edited(samples.mail_host)
    mail.obj.smtp_pwd = "hush"
    text = mail.files["folder/mail"].decode()
    assert "hush" not in text
    obj = mail.body(text.replace("mail.test", "smtp.test"))
    assert (obj.smtp_host, obj.smtp_pwd) == ("smtp.test", "hush")


def test_an_error_log_and_an_external_method(edited):
    log = edited(samples.error_log)
    assert log.body("kept entries = 7\n").keep_entries == 7
    method = edited(samples.external_method)
    assert method.body("module = other.py\n")._module == "other"
