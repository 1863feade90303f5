package dev.tributary;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.tributary.spi.TimeSource;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules of the rooms in this module. */
class RoomsTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("dev.tributary");

  @Test
  void theApiKnowsNoTransport() {
    noClasses().should().dependOnClassesThat().resideInAnyPackage("io.vertx..", "io.netty..", "io.grpc..", "kotlin..").check(CLASSES);
  }

  @Test
  void eachOptionalLibraryHasOneRoom() {
    onlyIn("dev.tributary.codec.avro", "org.apache.avro..");
    onlyIn("dev.tributary.codec.json", "com.fasterxml.jackson..");
    onlyIn("dev.tributary.codec.protobuf", "com.google.protobuf..");
    onlyIn("dev.tributary.opentelemetry", "io.opentelemetry..");
  }

  @Test
  void onlyTheDoorOpensTheInside() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.tributary.internal..")
        .and()
        .doNotHaveFullyQualifiedName(Tributary.class.getName())
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.tributary.internal..")
        .check(CLASSES);
  }

  @Test
  void theInsideKnowsNoDriver() {
    noClasses()
        .that()
        .resideInAPackage("dev.tributary.internal..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.tributary.vertx..", "dev.tributary.testkit..", "dev.tributary.opentelemetry..", "dev.tributary.codec.*..")
        .check(CLASSES);
  }

  /** An import that is completed for the user must not pick the wrong one, and Kotlin imports some without being asked. */
  @Test
  void noPublicTypeIsCalledAsOneThatIsAtHandAlready() {
    assertThat(CLASSES)
        .filteredOn(type -> type.getModifiers().contains(JavaModifier.PUBLIC) && type.isTopLevelClass())
        .filteredOn(type -> !resideInAPackage("dev.tributary.internal..").test(type))
        .extracting(JavaClass::getSimpleName)
        .filteredOn(name -> !name.equals("package-info"))
        .hasSizeGreaterThan(100)
        .allSatisfy(
            name -> {
              for (String room : List.of("java.lang.", "java.util.", "java.util.concurrent.", "java.util.function.")) {
                assertThatThrownBy(() -> Class.forName(room + name)).isInstanceOf(ClassNotFoundException.class);
              }
            });
  }

  /**
   * The root package is the vocabulary of all others and their door at the same time, so it is no slice. A configuration holds the clock
   * that the SPI defines, and the SPI is opened with a configuration: that is one idea in two rooms, not a tangle.
   */
  @Test
  void packagesHaveNoCycles() {
    slices()
        .matching("dev.tributary.(*)..")
        .should()
        .beFreeOfCycles()
        .ignoreDependency(resideInAPackage("dev.tributary.config"), equivalentTo(TimeSource.class))
        .check(CLASSES);
  }

  @Test
  void nobodySleepsOrPrints() {
    noClasses().should().callMethod(Thread.class, "sleep", long.class).check(CLASSES);
    noClasses().should().callMethod(Thread.class, "sleep", long.class, int.class).check(CLASSES);
    noClasses().should().accessField(System.class, "out").orShould().accessField(System.class, "err").check(CLASSES);
    noClasses().should().callMethod(Throwable.class, "printStackTrace").check(CLASSES);
  }

  private static void onlyIn(String room, String library) {
    noClasses().that().resideOutsideOfPackage(room).should().dependOnClassesThat().resideInAPackage(library).check(CLASSES);
  }
}
