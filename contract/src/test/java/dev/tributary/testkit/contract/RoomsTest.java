package dev.tributary.testkit.contract;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The rules of the room. */
class RoomsTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("dev.tributary.testkit.contract");

  @Test
  void contractsKnowNoBackend() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.tributary.engine..", "dev.tributary.testkit.server..", "dev.tributary.vertx..", "io.vertx..")
        .check(CLASSES);
  }

  @Test
  void theInsideOfTheApiIsClosed() {
    noClasses().should().dependOnClassesThat().resideInAPackage("dev.tributary.internal..").check(CLASSES);
  }

  @Test
  void nobodySleepsOrPrints() {
    noClasses().should().callMethod(Thread.class, "sleep", long.class).check(CLASSES);
    noClasses().should().callMethod(Thread.class, "sleep", long.class, int.class).check(CLASSES);
    noClasses().should().accessField(System.class, "out").orShould().accessField(System.class, "err").check(CLASSES);
    noClasses().should().callMethod(Throwable.class, "printStackTrace").check(CLASSES);
  }
}
