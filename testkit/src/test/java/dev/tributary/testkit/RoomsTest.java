package dev.tributary.testkit;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.engine.MemoryTransport;
import org.junit.jupiter.api.Test;

/** The rules of the rooms in this module and in the engine's. */
class RoomsTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("dev.tributary.engine", "dev.tributary.testkit");

  /** And no library of tests: who runs on it in production has none. */
  @Test
  void theEngineKnowsTheSpiAndNoWire() {
    noClasses()
        .that()
        .resideInAPackage("dev.tributary.engine..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.vertx..", "com.google.protobuf..", "dev.tributary.vertx..", "dev.tributary.testkit.server..", "org.junit..")
        .check(CLASSES);
  }

  @Test
  void onlyWhatInjectsKnowsJUnit() {
    noClasses()
        .that()
        .haveNameNotMatching(".*[.]Tributary(Extension|Test)([$].*)?")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.junit..")
        .check(CLASSES);
    noClasses().should().dependOnClassesThat().resideInAnyPackage("org.assertj..", "org.opentest4j..").check(CLASSES);
  }

  /** They serve any transport; the engine is only the one they make when they are given none. */
  @Test
  void serversKnowTheSpiAndNotTheInsideOfTheEngine() {
    noClasses()
        .that()
        .resideInAPackage("dev.tributary.testkit.server..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.tributary.engine")
                .and(not(equivalentTo(MemoryEngine.class)))
                .and(not(equivalentTo(MemoryEngine.Builder.class)))
                .and(not(equivalentTo(MemoryTransport.class))))
        .check(CLASSES);
  }

  @Test
  void faultsAreFaultsOfAnySocket() {
    noClasses()
        .that()
        .resideInAPackage("dev.tributary.testkit.fault..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.tributary.engine..", "dev.tributary.testkit.server..", "dev.tributary.vertx..", "com.google.protobuf..")
        .check(CLASSES);
  }

  /** But for what drivers and servers share whatever their network. */
  @Test
  void theInsideOfTheApiIsClosed() {
    noClasses()
        .should()
        .dependOnClassesThat(resideInAPackage("dev.tributary.internal..").and(not(resideInAPackage("dev.tributary.internal.driver"))))
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.tributary.testkit.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void nobodySleepsOrPrints() {
    noClasses().should().callMethod(Thread.class, "sleep", long.class).check(CLASSES);
    noClasses().should().callMethod(Thread.class, "sleep", long.class, int.class).check(CLASSES);
    noClasses().should().accessField(System.class, "out").orShould().accessField(System.class, "err").check(CLASSES);
    noClasses().should().callMethod(Throwable.class, "printStackTrace").check(CLASSES);
  }
}
