from setuptools import find_packages
from setuptools import setup

setup(
    name="wikipages",
    version="0.4",
    packages=find_packages("src"),
    package_dir={"": "src"},
    include_package_data=True,
    package_data={"wikipages": ["*.zcml"]},
    zip_safe=False,
    install_requires=[
        "setuptools",
        "zope.app.fssync",
    ],
    entry_points={
        "console_scripts": ["wikisync = wikipages.main:main"],
    },
)
