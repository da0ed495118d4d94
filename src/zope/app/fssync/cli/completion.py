"""Generate the scripts with which shells complete command lines.

They are generated from the declarations of the commands, including those of add-ons.  A
script has the commands and options, and calls the program for paths.  The shell
evaluates neither file names nor text from a server.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence

from zope.app.fssync.cli.options import COMMON
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.verb import Verb

__all__ = ["SHELLS", "script"]

#: The kinds of completion for arguments of options; others have none.
ARGUMENTS = {"FILE": "files", "DIR": "directories", "KEY=VALUE": "settings"}


def script(shell: str, program: str, verbs: Sequence[Verb]) -> str:
    """Return the script for a shell, one of `SHELLS`."""
    return SHELLS[shell](program, verbs)


def _options(verb: Verb) -> list[Option]:
    """Return all options of a command; its own override common ones."""
    own = [name for option in verb.options for name in option.names]
    return [
        *verb.options,
        *(
            Option(
                *(name for name in option.names if name not in own),
                argument=option.argument,
                help=option.help,
            )
            for option in COMMON
        ),
    ]


def _names(verb: Verb) -> list[str]:
    return [verb.name, *verb.aliases]


def _kind(option: Option) -> str:
    return ARGUMENTS.get(option.argument, "nothing")


def _words(verb: Verb, verbs: Sequence[Verb]) -> list[str]:
    """Return the words that can complete the targets of a command."""
    if verb.completes == "commands":
        return [name for each in verbs for name in _names(each)]
    if verb.completes == "shells":
        return sorted(SHELLS)
    if verb.completes == "settings":
        return ["get", "set", "unset", *_settings()]
    return []


def _settings() -> list[str]:
    from zope.app.fssync.client.settings import KINDS

    return list(KINDS)


def _function(program: str) -> str:
    return "_" + "".join(c if c.isalnum() else "_" for c in program)


def _quoted(text: str) -> str:
    """Return ``text`` quoted as one word of a shell, without line ends."""
    return "'" + " ".join(text.split()).replace("'", "'\\''") + "'"


def _filled(template: str, program: str, **parts: str) -> str:
    parts |= {"PROGRAM": _quoted(program), "FUNCTION": _function(program)}
    for name, text in parts.items():
        template = template.replace(f"@{name}@", text)
    return template


# bash

_BASH = """\
# Completion of @PROGRAM@ for bash: eval "$(@NAME@ completion bash)"
@FUNCTION@() {
    local program=$1 word verb= ended= i kind=commands options words=
    local -a start=()
    COMPREPLY=()
    local cur=${COMP_WORDS[COMP_CWORD]}
    options=@GLOBAL@
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case "$ended$verb:$word" in
            --*:*) continue ;;
        esac
        if [ "$word" = -- ]; then
            ended=--
            continue
        fi
        @FUNCTION@_argument "$verb" "$word"
        if [ -n "$REPLY" ]; then
            # bash makes three words of one with '='.
            [ "${COMP_WORDS[i + 1]}" = = ] && ((i++))
            if ((i + 1 >= COMP_CWORD)); then
                [ "$cur" = = ] && cur=
                kind=$REPLY
                verb=+
                break
            fi
            ((i++))
            [ "${COMP_WORDS[i + 1]}" = = ] && ((i += 2))
            case $word in -C | --directory) start+=(-C "${COMP_WORDS[i]}") ;; esac
        elif [[ -z $verb && $word != -* ]]; then
            verb=$word
        fi
    done
    case $verb in
        '') words=@COMMANDS@ ;;
        +) ended=-- ;;
@CASES@
        *) kind=files ;;
    esac
    if [[ -z $ended && $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
        return
    fi
    cur=${cur//[\\\\\\"\\']/}
    case $kind in
        tracked | conflicts)
            compopt -o filenames
            mapfile -t COMPREPLY < <(
                "$program" "${start[@]}" completion --list "$kind" -- "$cur" 2>/dev/null
            )
            COMPREPLY=("${COMPREPLY[@]%/}")
            ;;
        files)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            ;;
        directories)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -d -- "$cur")
            ;;
        nothing) ;;
        settings)
            if [ "$verb" = + ]; then
                compopt -o nospace
                mapfile -t COMPREPLY < <(compgen -S = -W @SETTINGS@ -- "$cur")
            else
                mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
            fi
            ;;
        *) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
    esac
}
@FUNCTION@_argument() {
    REPLY=
    case "$1:$2" in
@ARGUMENTS@
    esac
}
complete -F @FUNCTION@ @PROGRAM@
"""


def _bash(program: str, verbs: Sequence[Verb]) -> str:
    cases = []
    for verb in verbs:
        options = _options(verb)
        names = " | ".join(map(_quoted, _names(verb)))
        cases.append(
            f"        {names})\n"
            f"            kind={verb.completes}\n"
            f"            options={_quoted(_all_names(options))}\n"
            f"            words={_quoted(' '.join(_words(verb, verbs)))}\n"
            "            ;;"
        )
    return _filled(
        _BASH,
        program,
        NAME=program,
        GLOBAL=_quoted(_all_names(COMMON)),
        COMMANDS=_quoted(" ".join(name for verb in verbs for name in _names(verb))),
        SETTINGS=_quoted(" ".join(_settings())),
        CASES="\n".join(cases),
        ARGUMENTS=_argument_cases(verbs),
    )


def _argument_cases(verbs: Sequence[Verb]) -> str:
    """Return a case for each option with an argument, for bash and zsh."""
    before: list[tuple[list[str], list[Option]]] = [([""], list(COMMON))]
    return "\n".join(
        f"        {_pattern(names, option)}) REPLY={_kind(option)} ;;"
        for names, options in before + [(_names(v), _options(v)) for v in verbs]
        for option in options
        if option.argument and option.names
    )


def _all_names(options: Iterable[Option]) -> str:
    return " ".join(name for option in options for name in option.names)


def _pattern(verbs: list[str], option: Option) -> str:
    """Return a pattern for a command, a colon, and an option with an argument."""
    return " | ".join(_quoted(f"{v}:{name}") for v in verbs for name in option.names)


# zsh

_ZSH = """\
#compdef @NAME@
# Completion of @PROGRAM@ for zsh: eval "$(@NAME@ completion zsh)"
@FUNCTION@() {
    local verb= ended= kind=commands word i
    local -a start options shown
    options=(@GLOBAL@)
    for ((i = 2; i < CURRENT; i++)); do
        word=${(Q)words[i]}
        [[ -n $ended ]] && continue
        if [[ $word == -- ]]; then
            ended=--
            continue
        fi
        @FUNCTION@_argument "$verb" "$word"
        if [[ -n $REPLY ]]; then
            if ((i + 1 == CURRENT)); then
                kind=$REPLY
                verb=+
                break
            fi
            ((i++))
            [[ $word == (-C|--directory) ]] && start+=(-C "${(Q)words[i]}")
        elif [[ -z $verb && $word != -* ]]; then
            verb=$word
        fi
    done
    case $verb in
        '') shown=(@COMMANDS@) ;;
        +) ended=-- ;;
@CASES@
        *) kind=files ;;
    esac
    if [[ -z $ended && $PREFIX == -* ]]; then
        _describe -o option options
        return
    fi
    case $kind in
        tracked|conflicts)
            local -a found
            found=("${(@f)$("${(Q)words[1]}" "${start[@]}" completion --list $kind \\
                -- "${(Q)PREFIX}" 2>/dev/null)}")
            found=(${found:#})
            compadd -f -- ${found:#*/}
            compadd -f -S / -- ${${(M)found:#*/}%/}
            ;;
        files) _files ;;
        directories) _files -/ ;;
        nothing) ;;
        settings)
            if [[ $verb == + ]]; then
                compadd -S = -- @SETTINGS@
            else
                compadd -- ${shown%%:*}
            fi
            ;;
        *) _describe command shown ;;
    esac
}
@FUNCTION@_argument() {
    REPLY=
    case "$1:$2" in
@ARGUMENTS@
    esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    @FUNCTION@ "$@"
else
    compdef @FUNCTION@ @PROGRAM@
fi
"""


def _zsh(program: str, verbs: Sequence[Verb]) -> str:
    cases = []
    for verb in verbs:
        options = _options(verb)
        names = "|".join(map(_quoted, _names(verb)))
        words = (
            _described(verbs)
            if verb.completes == "commands"
            else " ".join(map(_quoted, _words(verb, verbs)))
        )
        cases.append(
            f"        {names})\n"
            f"            kind={verb.completes}\n"
            f"            options=({_described_options(options)})\n"
            f"            shown=({words})\n"
            "            ;;"
        )
    return _filled(
        _ZSH,
        program,
        NAME=program,
        GLOBAL=_described_options(COMMON),
        COMMANDS=_described(verbs),
        SETTINGS=" ".join(_settings()),
        CASES="\n".join(cases),
        ARGUMENTS=_argument_cases(verbs),
    )


def _described(verbs: Sequence[Verb]) -> str:
    return " ".join(
        _quoted(f"{name}:{verb.summary}") for verb in verbs for name in _names(verb)
    )


def _described_options(options: Iterable[Option]) -> str:
    return " ".join(
        _quoted(f"{name}:{option.help}") for option in options for name in option.names
    )


# fish

_FISH = """\
# Completion of @PROGRAM@ for fish: @NAME@ completion fish | source
function @FUNCTION@_words
    set -l words (commandline -opc)
    set -e words[1]
    set -l skip
    for word in $words
        if set -q skip[1]
            set -e skip[1]
        else if contains -- $word @TAKING@
            set skip yes
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end
function @FUNCTION@_verb
    set -l words (@FUNCTION@_words)
    set -q words[1]; and contains -- $words[1] $argv
end
function @FUNCTION@_none
    set -l words (@FUNCTION@_words)
    not set -q words[1]
end
function @FUNCTION@_paths
    set -l words (commandline -opc)
    set -l start
    for i in (seq (count $words))
        if contains -- $words[$i] -C --directory; and set -q words[(math $i + 1)]
            set -a start -C $words[(math $i + 1)]
        end
    end
    $words[1] $start completion --list $argv[1] -- (commandline -ct) 2>/dev/null
end
complete -c @PROGRAM@ -f
@LINES@
"""


def _fish(program: str, verbs: Sequence[Verb]) -> str:
    function, command = _function(program), _quoted(program)
    lines: list[str] = []
    for verb in verbs:
        test = _quoted(f"{function}_verb {' '.join(map(_fish_word, _names(verb)))}")
        start = f"complete -c {command} -n {test}"
        lines.extend(
            f"complete -c {command} -n {function}_none -a {_quoted(name)}"
            f" -d {_fish_word(verb.summary)}"
            for name in _names(verb)
        )
        lines.extend(start + _fish_option(o) for o in _options(verb) if o.names)
        lines.append(start + _fish_targets(verb, verbs, function))
    lines.extend(
        f"complete -c {command} -n {function}_none{_fish_option(option)}"
        for option in COMMON
    )
    taking = [
        name
        for option in (*COMMON, *(o for verb in verbs for o in verb.options))
        if option.argument
        for name in option.names
    ]
    return _filled(
        _FISH,
        program,
        NAME=program,
        TAKING=" ".join(sorted(set(taking))),
        LINES="\n".join(lines),
    )


def _fish_option(option: Option) -> str:
    names = "".join(
        f" -l {name[2:]}" if name.startswith("--") else f" -s {_fish_word(name[1:])}"
        for name in option.names
    )
    kinds = {
        "files": " -rF",
        "directories": " -xa '(__fish_complete_directories (commandline -ct))'",
        "settings": f" -xa {_fish_word(' '.join(f'{key}=' for key in _settings()))}",
        "nothing": " -x",
    }
    argument = kinds[_kind(option)] if option.argument else ""
    return f"{names}{argument} -d {_fish_word(option.help)}"


def _fish_targets(verb: Verb, verbs: Sequence[Verb], function: str) -> str:
    if verb.completes == "files":
        return " -F"
    if verb.completes == "directories":
        return " -a '(__fish_complete_directories (commandline -ct))'"
    words = _words(verb, verbs)
    if words:
        return f" -a {_fish_word(' '.join(words))}"
    return f" -a '({function}_paths {verb.completes})'"


def _fish_word(text: str) -> str:
    """Return ``text`` quoted as one word of fish, whose quotes need backslashes."""
    flat = " ".join(text.split())
    return "'" + flat.replace("\\", "\\\\").replace("'", "\\'") + "'"


#: The shells, and the functions that generate their scripts.
SHELLS = {"bash": _bash, "zsh": _zsh, "fish": _fish}
