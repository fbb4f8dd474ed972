package io.longshore.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlVersionException;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Builds the tree of a YAML 1.2 text from the parser's events.
 *
 * <p>Events rather than composed nodes, for three reasons: an alias is seen where it stands, and refused there, so no
 * bomb of aliases can unfold; depth is bounded before anything recurses; and when the text breaks off in the middle,
 * what stands before is still a tree whose own faults can be told.
 */
final class YamlTree {
    /** A whole configuration needs four levels. */
    private static final int DEPTH_MAX = 8;

    private final String text;
    private final Faults faults;
    private final Deque<Open> open = new ArrayDeque<>();
    private YamlNode root;
    private int documents;

    private YamlTree(String text, Faults faults) {
        this.text = text;
        this.faults = faults;
    }

    /** The tree of {@code text}, or null if there is none; what is wrong with the YAML goes to {@code faults}. */
    static YamlNode read(String file, String text, Faults faults) {
        return new YamlTree(text, faults).read(file);
    }

    private YamlNode read(String file) {
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int codePoint = text.codePointAt(i);
            if (!StreamReader.isPrintable(codePoint)) {
                String problem = String.format("the character U+%04X is not allowed in YAML", codePoint);
                faults.addAndCutShort(Position.behind(text, i), "yaml", problem);
                return null;
            }
        }
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setUseMarks(true)
                .setParseComments(false)
                // A token longer than the buffer is copied once per buffer: with the default of 1 KiB, a comment of a
                // megabyte took over a second.
                .setBufferSize(64 << 10)
                .setCodePointLimit(Integer.MAX_VALUE) // ConfigReader has bounded the file already.
                .build();
        Iterator<Event> events = new Parse(settings).parseString(text).iterator();
        Position at = Position.START;
        for (Event event = next(events, at); event != null; event = next(events, at)) {
            at = position(event.getStartMark(), at);
            if (!take(event, at)) {
                break;
            }
        }
        while (!open.isEmpty()) {
            // Where the text broke off inside brackets, they were perhaps never meant as brackets: [::1]:8080.
            open.peek().isRefused |= open.peek().isFlow;
            close();
        }
        return root;
    }

    /** The next event, or null where the text ends or breaks off; {@code last} is where the one before began. */
    private Event next(Iterator<Event> events, Position last) {
        try {
            return events.hasNext() ? events.next() : null;
        } catch (MarkedYamlEngineException e) {
            Position at = position(e.getProblemMark().or(e::getContextMark), last);
            faults.addAndCutShort(at, "yaml", problem(e));
        } catch (YamlVersionException e) {
            faults.addAndCutShort(last, "yaml", "is of another YAML version; allowed: 1.2");
        } catch (YamlEngineException e) {
            faults.addAndCutShort(last, "yaml", Quote.sentence(String.valueOf(e.getMessage())));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            // The parser's own slips, found by fuzzing: an escape that the end of the file cuts off ("\x") reaches it
            // as a
            // number without digits. It says nothing of the place, so we point at the last thing that was understood.
            faults.addAndCutShort(last, "yaml", "behind this there is a broken escape or directive; allowed: YAML 1.2");
        }
        return null;
    }

    /** Takes one event; false if the rest is not worth reading. */
    private boolean take(Event event, Position at) {
        switch (event.getEventId()) {
            case DocumentStart -> {
                if (++documents > 1) {
                    faults.add(at, "yaml", "a second document begins here; a configuration is one document");
                    return false;
                }
            }
            case Alias -> {
                String name = ((AliasEvent) event).getAlias().getValue();
                faults.add(
                        at,
                        path(),
                        "*" + Quote.plain(name) + " is an alias, and aliases are not supported"
                                + "; a value that begins with a star needs quotes");
                put(new YamlNode.Refused(at));
            }
            case Scalar -> {
                ScalarEvent scalar = (ScalarEvent) event;
                boolean isRefused = refuseProperties(scalar, scalar.getTag(), at);
                String value = scalar.getValue();
                boolean isNothing = scalar.isPlain() && (value.isEmpty() || value.equals("~") || value.equals("null"));
                put(isRefused ? new YamlNode.Refused(at) : new YamlNode.Scalar(at, value, isNothing));
            }
            case SequenceStart, MappingStart -> {
                if (open.size() == DEPTH_MAX) {
                    faults.addAndCutShort(at, path(), "is nested deeper than " + DEPTH_MAX + " levels");
                    put(new YamlNode.Refused(at));
                    return false;
                }
                CollectionStartEvent start = (CollectionStartEvent) event;
                boolean isRefused = refuseProperties(start, start.getTag(), at);
                boolean isMapping = event.getEventId() == Event.ID.MappingStart;
                open.push(new Open(at, isMapping, start.isFlow(), isRefused));
            }
            case SequenceEnd, MappingEnd -> close();
            default -> {
                // The ends of documents and of the stream, and comments, which are switched off.
            }
        }
        return true;
    }

    private boolean refuseProperties(NodeEvent event, Optional<String> tag, Position at) {
        event.getAnchor()
                .ifPresent(anchor -> faults.add(
                        at,
                        path(),
                        "&" + Quote.plain(anchor.getValue()) + " is an anchor, and anchors are not supported"));
        tag.ifPresent(name -> faults.add(at, path(), Quote.of(name) + " is a tag, and tags are not supported"));
        return event.getAnchor().isPresent() || tag.isPresent();
    }

    private void put(YamlNode node) {
        Open parent = open.peek();
        if (parent == null) {
            root = node;
        } else if (!parent.isMapping) {
            parent.entries.add(node);
        } else if (parent.key == null) {
            parent.key = node;
        } else {
            parent.pairs.add(new YamlNode.Entry(parent.key, node));
            parent.key = null;
        }
    }

    private void close() {
        // A key whose value was not reached because the text broke off is left out: nobody knows what it says.
        Open done = open.pop();
        if (done.isRefused) {
            put(new YamlNode.Refused(done.at));
        } else if (done.isMapping) {
            put(new YamlNode.Mapping(done.at, done.pairs));
        } else {
            put(new YamlNode.Sequence(done.at, done.entries));
        }
    }

    /** Where we are, as users write it: {@code routes[0].host}. */
    private String path() {
        StringBuilder path = new StringBuilder();
        Iterator<Open> fromTop = open.descendingIterator();
        while (fromTop.hasNext()) {
            Open parent = fromTop.next();
            if (!parent.isMapping) {
                path.append('[').append(parent.entries.size()).append(']');
            } else if (parent.key instanceof YamlNode.Scalar key) {
                path.append(path.length() == 0 ? "" : ".").append(Quote.plain(key.text()));
            }
        }
        return path.length() == 0 ? "yaml" : path.toString();
    }

    private String problem(MarkedYamlEngineException e) {
        String problem = Quote.sentence(String.valueOf(e.getProblem()));
        int line = e.getProblemMark().map(Mark::getLine).orElse(-1);
        String source = line < 0 ? "" : text.lines().skip(line).findFirst().orElse("");
        // The values of ours that YAML reads as its own signs.
        if (source.contains(": *") || source.contains("- *") || source.contains("[*")) {
            return problem + "; a value that begins with a star needs quotes, like \"*\"";
        }
        if (source.contains("::")) {
            return problem + "; an IPv6 address in brackets or in a list needs quotes, like \"[::1]:8080\"";
        }
        if (source.stripTrailing().endsWith(": -")) {
            return problem + "; a lone dash needs quotes, like \"-\"";
        }
        if (source.contains("\t")) {
            return problem + "; YAML is indented with spaces, not tabs";
        }
        return problem;
    }

    private Position position(Optional<Mark> mark, Position otherwise) {
        return mark.map(m -> new Position(m.getLine() + 1, m.getColumn() + 1)).orElse(otherwise);
    }

    /** A list or map whose end has not come yet. */
    private static final class Open {
        private final Position at;
        private final boolean isMapping;
        private final boolean isFlow;
        private final List<YamlNode> entries = new ArrayList<>();
        private final List<YamlNode.Entry> pairs = new ArrayList<>();
        private YamlNode key;
        private boolean isRefused;

        private Open(Position at, boolean isMapping, boolean isFlow, boolean isRefused) {
            this.at = at;
            this.isMapping = isMapping;
            this.isFlow = isFlow;
            this.isRefused = isRefused;
        }
    }
}
