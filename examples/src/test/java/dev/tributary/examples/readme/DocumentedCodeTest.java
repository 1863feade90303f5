package dev.tributary.examples.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every block of code in the README and in {@code docs} is, but for indentation, a part of a source in a package or folder {@code readme} of this module,
 * which is compiled and run; and each of those sources is shown somewhere.
 */
class DocumentedCodeTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern BLOCK = Pattern.compile("^ *```(java|kotlin|kts|xml)\n(.*?)^ *```$", Pattern.MULTILINE | Pattern.DOTALL);

  /** What runs the others, and is shown nowhere. */
  private static final Pattern ABOUT_THEM = Pattern.compile("(DocumentedCode|DocumentedFacts|Install|Programs)Test\\.java|MyBackend\\.java");

  record Block(Path page, int line, String code) {}

  record Source(Path file, String code) {}

  @TestFactory
  Stream<DynamicTest> everyBlockIsPartOfASource() throws IOException {
    List<Source> sources = sources();
    return blocks().stream()
        .map(
            block ->
                DynamicTest.dynamicTest(
                    block.page + ":" + block.line,
                    () -> assertThat(sources).as(block.code).anyMatch(source -> source.code.contains(block.code))));
  }

  @TestFactory
  Stream<DynamicTest> everySourceIsShown() throws IOException {
    List<Block> blocks = blocks();
    return sources().stream()
        .filter(source -> !ABOUT_THEM.matcher(source.file.getFileName().toString()).matches())
        .map(
            source ->
                DynamicTest.dynamicTest(
                    source.file.toString(), () -> assertThat(blocks).as("shown nowhere").anyMatch(block -> source.code.contains(block.code))));
  }

  private static List<Block> blocks() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    List<Block> blocks = new ArrayList<>();
    for (Path page : pages) {
      String text = Files.readString(page);
      Matcher found = BLOCK.matcher(text);
      while (found.find()) {
        blocks.add(new Block(page, 1 + (int) text.substring(0, found.start()).lines().count(), withoutIndentation(found.group(2))));
      }
    }
    return blocks;
  }

  private static List<Source> sources() throws IOException {
    List<Source> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      for (Path file : files.filter(Files::isRegularFile).filter(file -> file.getParent().endsWith("readme")).sorted().toList()) {
        sources.add(new Source(file, withoutIndentation(Files.readString(file))));
      }
    }
    return sources;
  }

  /** A line break on both sides of every line, so that parts of lines do not match. */
  private static String withoutIndentation(String code) {
    StringBuilder lines = new StringBuilder("\n");
    code.strip().lines().forEach(line -> lines.append(line.strip()).append('\n'));
    return lines.toString();
  }
}
