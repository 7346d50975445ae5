//! The Python module `regimen`, as far as it is Rust. What a user meets is in `python/regimen`: names, types, and how things are pickled.

mod arrow;
mod cohort;

use std::path::PathBuf;

use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use regimen::diagnostic::render;
use regimen::{Date, Depth, Diagnostics, Notation, Record, Request};

/// A clinic that was loaded.
#[pyclass(frozen, module = "regimen._regimen")]
struct Clinic {
    clinic: regimen::Clinic,
    warnings: Diagnostics,
    /// Whether these are all the protocols that there are.
    whole: bool,
}

#[pymethods]
impl Clinic {
    #[new]
    fn new(py: Python<'_>, path: PathBuf, lang: Option<&str>) -> PyResult<Clinic> {
        let (clinic, found) = regimen::Clinic::read_in(&path, lang);
        let (clinic, warnings) = found.into_result(clinic).map_err(|found| refused(py, &found))?;
        Ok(Clinic { clinic, warnings, whole: path.is_dir() && !path.join("protocol.toml").is_file() })
    }

    /// The protocols, by id, version and title.
    #[getter]
    fn protocols(&self) -> Vec<(String, String, String)> {
        let named =
            |protocol: &regimen::Protocol| (protocol.id.clone(), protocol.version.clone(), protocol.title.clone());
        self.clinic.protocols.iter().map(named).collect()
    }

    /// What is suspicious, as JSON.
    fn check(&self, py: Python<'_>, as_of_day: &str) -> PyResult<String> {
        let as_of = as_of(as_of_day)?;
        let mut found = py.detach(|| regimen::check(&self.clinic, as_of, self.whole));
        found.append(self.warnings.clone());
        found.sort();
        Ok(render::json(&found))
    }

    /// The answer of a protocol to a record, as JSON.
    #[expect(clippy::too_many_arguments, reason = "Python has names for them")]
    fn recommend(
        &self,
        py: Python<'_>,
        protocol: &str,
        record: &str,
        is_toml: bool,
        as_of_day: &str,
        explain: &str,
        set: Vec<String>,
    ) -> PyResult<String> {
        let (as_of, explain) = (as_of(as_of_day)?, depth(explain)?);
        let Some(protocol) = self.clinic.protocol(protocol) else {
            return Err(PyKeyError::new_err(format!("there is no protocol `{protocol}`")));
        };
        let request = Request::with_settings(protocol, as_of, &set, false).map_err(PyValueError::new_err)?;
        let (name, notation) = if is_toml { ("record.toml", Notation::Toml) } else { ("record.json", Notation::Json) };
        let answer = py.detach(|| {
            let (record, _doubts) = Record::from_text(name, record, notation, &protocol.dictionary)?;
            protocol.recommend(&record, &request.explain(explain))
        });
        let answer = answer.map_err(|found| refused(py, &found))?;
        regimen::render::json(&answer).map_err(|error| PyValueError::new_err(error.to_string()))
    }
}

/// A day, as it is written.
fn as_of(text: &str) -> PyResult<Date> {
    text.parse().map_err(|error: regimen::InvalidDate| PyValueError::new_err(format!("`as_of`: {error}")))
}

/// How much of the reasoning is wanted.
fn depth(word: &str) -> PyResult<Depth> {
    word.parse().map_err(|error: regimen::InvalidDepth| PyValueError::new_err(format!("`explain`: {error}")))
}

/// Mistakes as the exception that tells them, with each as data.
fn refused(py: Python<'_>, found: &Diagnostics) -> PyErr {
    let raise = || {
        let error = py.import("regimen._model")?.getattr("RegimenError")?;
        error.call1((render::plain(found).trim_end(), render::json(found)))
    };
    raise().map_or_else(|error: PyErr| error, PyErr::from_value)
}

/// What the Python files build on. No promise is made about it.
#[pymodule]
mod _regimen {
    #[pymodule_export]
    use super::Clinic;
    #[pymodule_export]
    use super::cohort::{Answers, Cohort};

    /// The version of regimen that answers.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
