# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of berth(1) for fish. It asks the command itself: what berth says it can, can be completed.

function __berth_verbs
    berth --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\)  *\(.*\)/\1\t\2/p'
    printf 'help\tShow how a command is used\n'
end

function __berth_words
    set -l words (commandline -opc)
    set -l verb $words[2]
    set -l user
    contains -- --user $words; and set user --user
    switch (berth $verb --help 2>/dev/null | sed -n '1s/^Usage: berth [a-z-]*//p')
        case '*VOLUME*'
            string split " " "create export import inspect rm"
            berth volumes --noheadings 2>/dev/null | sed 's/ .*//'
        case '*NETWORK*'
            echo inspect
            berth network --noheadings 2>/dev/null | sed 's/ .*//'
        case '*tag*IMAGE*'
            string split " " "import load save tag"
            berth images --noheadings 2>/dev/null | sed 's/ .*//'
        case '*IMAGE*'
            berth images --noheadings 2>/dev/null | sed 's/ .*//'
        case '*REFERENCE*'
            berth images --noheadings 2>/dev/null | sed 's/ .*//'
            berth check --list 2>/dev/null | sed -n 's,.*/,,; /\.image$/p'
        case '*SECTION*'
            berth keys 2>/dev/null | sed -n 's/^\[\(.*\)\]$/\1/p; s/^  \([A-Za-z0-9]*\)=.*/\1/p' | sort -u
        case '*[DIRECTORY*'
            echo /etc/containers/systemd
        case '*] FILE*'
            for file in *.yaml *.yml *.nspawn
                echo $file
            end
        case '*GLOB*' '*NAME*'
            berth check --list $user 2>/dev/null | sed -n 's,.*/,,; s/\.container$//p; /\.[a-z]*$/p'
    end
end

# The options of a command with what they are for, a line each: "--json<tab>Print …".
function __berth_options
    set -l words (commandline -opc)
    berth $words[2] --help 2>/dev/null | sed -n 's/^ *\(-[A-Za-z], \)\{0,1\}\(--[a-z0-9-]*=\{0,1\}\)[^ ]*  *\(.*\)/\2\t\3/p; t; s/^ *\(-[A-Za-z], \)\{0,1\}\(--[a-z0-9-]*=\{0,1\}\)[^ ]*$/\2/p'
end

function __berth_needs_verb
    test (count (commandline -opc)) -lt 2
end

function __berth_is_option
    string match -q -- '-*' (commandline -ct)
end

complete -c berth -n __berth_needs_verb -f -a '(__berth_verbs)'
complete -c berth -n __berth_needs_verb -f -l help -s h -d 'Show the help'
complete -c berth -n __berth_needs_verb -f -l version -d 'Show the version'
complete -c berth -n 'not __berth_needs_verb; and __berth_is_option' -f -a '(__berth_options)'
complete -c berth -n 'not __berth_needs_verb; and not string match -q "*/*" -- (commandline -ct)' -f
complete -c berth -n 'not __berth_needs_verb; and not __berth_is_option' -a '(__berth_words)'
