package dev.tributary.testkit.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The public API of a module as text: what is public or protected in the packages it exports, sorted. A committed dump makes every
 * change to the API visible in review.
 */
public final class ApiDump {
  /** A system property: {@code true} writes dumps instead of comparing them. */
  public static final String UPDATE = "tributary.api.update";

  private static final Pattern DECLARATION = Pattern.compile("((?:public|protected) .*?(?:class|interface) ([\\w.$]+).*) \\{");
  private static final String INDENT = "  ";

  private ApiDump() {}

  private record Type(String declaration, SortedSet<String> members) {}

  /**
   * Compares a module with its committed dump.
   *
   * @param dump the committed file; written instead, if {@link #UPDATE} is set
   * @param anchor any class of the module
   * @throws AssertionError if they differ; the message says in which lines, and how to update the dump
   */
  public static void check(Path dump, Class<?> anchor) {
    String now = of(anchor);
    try {
      if (Boolean.getBoolean(UPDATE)) {
        Files.createDirectories(dump.toAbsolutePath().getParent());
        Files.writeString(dump, now);
        return;
      }
      String committed = Files.exists(dump) ? Files.readString(dump) : "";
      if (!committed.equals(now)) {
        throw new AssertionError(
            "The public API is not what docs/api/" + dump.getFileName() + " says:\n" + difference(committed, now)
                + "If that is meant, run the test with -D" + UPDATE + "=true and commit the file.");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The dump of the module that this class is from. */
  public static String of(Class<?> anchor) {
    Path origin = origin(anchor);
    try {
      if (Files.isDirectory(origin)) {
        return dump(origin, origin);
      }
      try (FileSystem jar = FileSystems.newFileSystem(origin)) {
        return dump(origin, jar.getPath("/"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String dump(Path origin, Path root) throws IOException {
    Predicate<String> exported = exported(root.resolve("module-info.class"));
    List<String> classes;
    try (Stream<Path> files = Files.walk(root)) {
      classes =
          files
              .map(file -> root.relativize(file).toString().replace(root.getFileSystem().getSeparator(), "."))
              .filter(name -> name.endsWith(".class") && name.indexOf('.') < name.length() - 6 && !name.endsWith("package-info.class"))
              .map(name -> name.substring(0, name.length() - 6))
              .filter(name -> exported.test(name.substring(0, name.lastIndexOf('.'))))
              .sorted()
              .collect(Collectors.toList());
    }
    SortedMap<String, Type> types = new TreeMap<>();
    SortedSet<String> members = new TreeSet<>();
    for (String line : javap(origin, classes).split("\\R")) {
      Matcher declaration = DECLARATION.matcher(line);
      if (declaration.matches()) {
        members = new TreeSet<>();
        types.put(declaration.group(2), new Type(declaration.group(1), members));
      } else if (line.startsWith(INDENT)) {
        if (!synthetic(line)) {
          members.add(line.strip());
        }
      } else {
        // A type that is not public: its members go nowhere.
        members = new TreeSet<>();
      }
    }
    types.keySet().removeIf(name -> hidden(name, types.keySet()));
    StringBuilder text = new StringBuilder();
    for (Type type : types.values()) {
      text.append(type.declaration()).append('\n');
      type.members().forEach(member -> text.append(INDENT).append(member).append('\n'));
    }
    return text.toString();
  }

  /** Whether it is public within something that is not. The outer type comes first, in the order of names. */
  private static boolean hidden(String name, Set<String> shown) {
    int nested = name.lastIndexOf('$');
    return nested > 0 && !shown.contains(name.substring(0, nested));
  }

  /** What a module descriptor exports; without one, everything that is not called internal. */
  private static Predicate<String> exported(Path descriptor) throws IOException {
    if (!Files.exists(descriptor)) {
      return name -> !name.contains(".internal");
    }
    try (InputStream in = Files.newInputStream(descriptor)) {
      Set<String> names =
          ModuleDescriptor.read(in).exports().stream()
              .filter(export -> !export.isQualified())
              .map(ModuleDescriptor.Exports::source)
              .collect(Collectors.toSet());
      return names::contains;
    }
  }

  /** What Kotlin makes of internal functions, default arguments and private functions that a lambda calls. */
  private static boolean synthetic(String member) {
    return member.contains("$tributary_kotlin(") || member.contains("$default(") || member.contains(" access$");
  }

  /** Reads class files without loading them, so that optional libraries need not be there. */
  private static String javap(Path origin, Collection<String> classes) {
    ToolProvider javap = ToolProvider.findFirst("javap").orElseThrow(() -> new IllegalStateException("no javap: run on a JDK"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    List<String> arguments = new ArrayList<>(List.of("-protected", "-cp", origin.toString()));
    arguments.addAll(classes);
    if (javap.run(print, print, arguments.toArray(String[]::new)) != 0) {
      throw new IllegalStateException(out.toString(StandardCharsets.UTF_8));
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static Path origin(Class<?> anchor) {
    try {
      return Path.of(anchor.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String difference(String before, String after) {
    Set<String> old = qualified(before);
    Set<String> young = qualified(after);
    StringBuilder text = new StringBuilder();
    old.stream().filter(line -> !young.contains(line)).forEach(line -> text.append("- ").append(line).append('\n'));
    young.stream().filter(line -> !old.contains(line)).forEach(line -> text.append("+ ").append(line).append('\n'));
    return text.toString();
  }

  /** Every line with the type it belongs to. */
  private static Set<String> qualified(String dump) {
    Set<String> lines = new LinkedHashSet<>();
    String type = "";
    for (String line : dump.split("\\R")) {
      if (line.startsWith(INDENT)) {
        lines.add(type + ": " + line.strip());
      } else {
        type = line;
        lines.add(line);
      }
    }
    return lines;
  }
}
